"""Where it happened, who collected and how much, to choose and count by.

Revision 0015. What is stored already is assessed again by the next run, which fills the columns.
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column('verdict', sa.Column('province', sa.String(length=16), server_default='', nullable=False))
    op.add_column('verdict', sa.Column('city', sa.String(length=32), server_default='', nullable=False))
    op.add_column('verdict', sa.Column('collector', sa.String(length=64), server_default='', nullable=False))
    op.add_column('verdict', sa.Column('amount', sa.Integer(), nullable=True))
    op.create_table('daily_place',
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('province', sa.String(length=16), nullable=False),
    sa.Column('city', sa.String(length=32), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('negative', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('lender', 'day', 'province', 'city', name=op.f('pk_daily_place'))
    )
    op.drop_index('ix_verdict_tag_mention_id', table_name='verdict_tag')
    op.create_index('ix_verdict_tag_mention_id_lender_allegation', 'verdict_tag', ['mention_id', 'lender', 'allegation'], unique=False)
    op.create_index('ix_verdict_lender_source_published_at', 'verdict', ['lender', 'source', 'published_at'], unique=False)
    for name in ('province', 'collector'):
        here = sa.text(f"{name} != ''")
        op.create_index(f'ix_verdict_lender_{name}_published_at', 'verdict', ['lender', name, 'published_at'], unique=False,
                        sqlite_where=here, postgresql_where=here)
    op.execute("UPDATE stage_state SET value = '\"\"' WHERE stage = 'assess' AND key = 'made_by'")
