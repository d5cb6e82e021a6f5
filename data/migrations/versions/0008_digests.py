"""What each digest said, revision by revision.

Revision 0008.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Json, Moment

revision = '0008'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('digest',
    sa.Column('period', sa.String(length=16), nullable=False),
    sa.Column('scope', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('made_at', Moment(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('content', Json, nullable=False),
    sa.PrimaryKeyConstraint('period', 'scope', 'revision', name=op.f('pk_digest')),
    )
