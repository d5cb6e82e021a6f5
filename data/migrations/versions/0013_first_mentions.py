"""Which mention began an incident; signals by time, grave verdicts by severity.

Revision 0013. Incidents that are stored already keep their oldest mention as the first.
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.add_column('incident', sa.Column('first_mention_id', number, nullable=True))
    op.create_index('ix_signal_lender_at', 'signal', ['lender', 'at'], unique=False)
    op.create_index('ix_verdict_lender_severity_published_at', 'verdict',
                    ['lender', 'severity', 'published_at'], unique=False)
