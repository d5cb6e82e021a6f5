"""Pages as received, approvals with a history, old days to be read.

Revision 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from data.store.schema import Moment

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column('capture', sa.Column('file', sa.Text(), nullable=True))
    op.add_column('capture', sa.Column('offset', sa.BigInteger(), nullable=True))
    op.add_column('capture', sa.Column('length', sa.Integer(), nullable=True))
    op.create_index('ix_capture_file', 'capture', ['file'], unique=False)
    op.create_table('approval',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('decision', sa.String(length=16), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('robots', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval'))
    )
    op.create_index('ix_approval_source_id', 'approval', ['source', 'id'], unique=False)
    op.create_table('backfill_window',
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('since', Moment(), nullable=False),
    sa.Column('until', Moment(), nullable=False),
    sa.Column('done_at', Moment(), nullable=True),
    sa.PrimaryKeyConstraint('source', 'since', 'until', name=op.f('pk_backfill_window'))
    )
