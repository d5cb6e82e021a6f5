"""Who looked behind a mask, and why.

Revision 0014.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Id, Moment

revision = '0014'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('unmasking',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('mention_id', Id, nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_unmasking_mention_id_mention')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unmasking'))
    )
    op.create_index('ix_unmasking_mention_id', 'unmasking', ['mention_id', 'id'], unique=False)
