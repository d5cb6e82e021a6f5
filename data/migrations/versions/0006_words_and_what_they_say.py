"""In what way words show an allegation, the facts they state, and what a text resembles.

Revision 0006.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Json

revision = '0006'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column('evidence', sa.Column('status', sa.String(length=10), server_default='alleged', nullable=False))
    op.add_column('assessment', sa.Column('facts', Json, server_default='{}', nullable=False))
    op.add_column('assessment', sa.Column('likeness', sa.LargeBinary(length=32), nullable=True))
