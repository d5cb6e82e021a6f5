"""Who may sign in, and who has.

Revision 0009.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Moment

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('account',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('password', sa.Text(), nullable=False),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('disabled', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.SmallInteger(), nullable=False),
    sa.Column('locked_until', Moment(), nullable=True),
    sa.Column('changed_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_account'))
    )
    op.create_table('session',
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('ends_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['name'], ['account.name'], name=op.f('fk_session_name_account')),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_session'))
    )
    op.create_index('ix_session_name', 'session', ['name'], unique=False)
