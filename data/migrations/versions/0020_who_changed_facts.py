"""Who changed which file of facts.

Revision 0020.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Id, Moment

revision = '0020'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('fact_change',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fact_change'))
    )
    op.create_index('ix_fact_change_name_id', 'fact_change', ['name', 'id'], unique=False)
