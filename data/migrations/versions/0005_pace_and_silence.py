"""How fast a channel may be used, and what somebody decided not to be told.

Revision 0005.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Moment

revision = '0005'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('pace',
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('tokens', sa.Float(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('paused_until', Moment(), nullable=True),
    sa.PrimaryKeyConstraint('channel', name=op.f('pk_pace'))
    )
    op.create_table('silence',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('topic', sa.String(length=120), nullable=False),
    sa.Column('starts_at', Moment(), nullable=False),
    sa.Column('ends_at', Moment(), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_silence'))
    )
    op.create_index('ix_silence_ends_at', 'silence', ['ends_at'], unique=False)
