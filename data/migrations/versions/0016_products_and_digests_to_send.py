"""Products to count by, and digests in the outbox.

Revision 0016. What is stored already is assessed again by the next run, which fills the table.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Moment

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('verdict_product',
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('product', sa.String(length=64), nullable=False),
    sa.Column('mention_id', number, nullable=False),
    sa.Column('published_at', Moment(), nullable=True),
    sa.Column('sentiment', sa.String(length=3), nullable=False),
    sa.Column('severity', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_verdict_product_mention_id_mention')),
    sa.PrimaryKeyConstraint('lender', 'product', 'mention_id', name=op.f('pk_verdict_product'))
    )
    with op.batch_alter_table('verdict_product', schema=None) as batch_op:
        batch_op.create_index('ix_verdict_product_lender_product_published_at', ['lender', 'product', 'published_at', 'sentiment', 'severity', 'mention_id'], unique=False)
        batch_op.create_index('ix_verdict_product_mention_id', ['mention_id'], unique=False)
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.alter_column('incident_id', existing_type=number, nullable=True)
    op.execute("UPDATE stage_state SET value = '\"\"' WHERE stage = 'assess' AND key = 'made_by'")
