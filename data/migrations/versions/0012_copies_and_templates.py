"""Which mention repeats which, and the templates that many accounts filled in.

Revision 0012. The hash that assessments had goes; the next run assesses all again and places each.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Id, Moment

revision = '0012'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('copy',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('mention_id', Id, nullable=False),
    sa.Column('first_id', Id, nullable=False),
    sa.Column('sketch', sa.LargeBinary(length=64), nullable=False),
    sa.ForeignKeyConstraint(['first_id'], ['mention.id'], name=op.f('fk_copy_first_id_mention')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_copy_mention_id_mention')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_copy')),
    sa.UniqueConstraint('mention_id', name=op.f('uq_copy_mention_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_copy_first_id', 'copy', ['first_id', 'mention_id'], unique=False)
    op.create_table('template',
    sa.Column('first_id', Id, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('accounts', sa.Integer(), nullable=False),
    sa.Column('mentions', sa.Integer(), nullable=False),
    sa.Column('since', Moment(), nullable=True),
    sa.Column('until', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['first_id'], ['mention.id'], name=op.f('fk_template_first_id_mention')),
    sa.PrimaryKeyConstraint('first_id', name=op.f('pk_template'))
    )
    op.drop_column('assessment', 'likeness')
