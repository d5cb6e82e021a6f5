"""What people decided: labels, case files, saved searches.

Revision 0007.
"""

import sqlalchemy as sa
from alembic import op
from data.store.schema import Id, Json, Moment

revision = '0007'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('label',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('mention_id', Id, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('allegation', sa.String(length=64), nullable=False),
    sa.Column('value', sa.String(length=16), nullable=False),
    sa.Column('field', sa.String(length=5), nullable=False),
    sa.Column('start', sa.Integer(), nullable=False),
    sa.Column('end', sa.Integer(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_label_mention_id_mention')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label'))
    )
    op.create_index('ix_label_mention_id_lender', 'label', ['mention_id', 'lender'], unique=False)
    op.create_index('ix_label_lender_at', 'label', ['lender', 'at'], unique=False)
    op.create_table('case_file',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('received_at', Moment(), nullable=False),
    sa.Column('due_days', sa.SmallInteger(), nullable=False),
    sa.Column('closed_at', Moment(), nullable=True),
    sa.Column('finding', sa.String(length=16), nullable=False),
    sa.CheckConstraint('due_days IN (15, 30, 60)', name=op.f('ck_case_file_due_days')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_file'))
    )
    op.create_index('ix_case_file_lender_state', 'case_file', ['lender', 'state', 'id'], unique=False)
    op.create_table('case_item',
    sa.Column('case_id', Id, nullable=False),
    sa.Column('mention_id', Id, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_case_item_case_id_case_file')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_case_item_mention_id_mention')),
    sa.PrimaryKeyConstraint('case_id', 'mention_id', name=op.f('pk_case_item'))
    )
    op.create_index('ix_case_item_mention_id', 'case_item', ['mention_id'], unique=False)
    op.create_table('case_note',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('case_id', Id, nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('detail', Json, nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_case_note_case_id_case_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_note'))
    )
    op.create_index('ix_case_note_case_id', 'case_note', ['case_id', 'id'], unique=False)
    op.create_table('saved_search',
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('lender', 'name', name=op.f('pk_saved_search'))
    )
