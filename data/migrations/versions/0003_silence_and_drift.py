"""What good runs saw, and the stretches in which a source must not be taken at its word.

Revision 0003; it came after 0007.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Id, Json, Moment

revision = '0003'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('observation',
    sa.Column('run_id', Id, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('seen', Json, nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_observation_run_id_run')),
    sa.PrimaryKeyConstraint('run_id', name=op.f('pk_observation'))
    )
    op.create_index('ix_observation_source_run_id', 'observation', ['source', 'run_id'], unique=False)
    op.create_table('source_health',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('condition', sa.String(length=16), nullable=False),
    sa.Column('since', Moment(), nullable=False),
    sa.Column('noticed_at', Moment(), nullable=False),
    sa.Column('ended_at', Moment(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_health'))
    )
    op.create_index('ix_source_health_source_ended_at', 'source_health', ['source', 'ended_at'], unique=False)
    op.create_index('uq_source_health_open', 'source_health', ['source', 'condition'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
