"""The first day.

Revision 0001, the beginning.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from data.store.schema import Moment

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table('capture',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=False),
    sa.Column('fetched_at', Moment(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_capture')),
    sa.UniqueConstraint('source', 'url', 'sha256', name=op.f('uq_capture_source_url_sha256'))
    )
    op.create_table('hourly',
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('hour', Moment(), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('sentiment', sa.String(length=3), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('severe', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('lender', 'hour', 'source', 'sentiment', name=op.f('pk_hourly'))
    )
    op.create_table('hourly_tag',
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('hour', Moment(), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('allegation', sa.String(length=64), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('lender', 'hour', 'source', 'allegation', name=op.f('pk_hourly_tag'))
    )
    op.create_table('incident',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('opened_at', Moment(), nullable=False),
    sa.Column('last_at', Moment(), nullable=False),
    sa.Column('closed_at', Moment(), nullable=True),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 4', name=op.f('ck_incident_level')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.create_index('ix_incident_lender_state', ['lender', 'state', 'last_at'], unique=False)
        batch_op.create_index('uq_incident_open', ['lender', 'key'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.create_table('lease',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('holder', sa.String(length=80), nullable=False),
    sa.Column('until', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.create_table('run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('started_at', Moment(), nullable=False),
    sa.Column('ended_at', Moment(), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('holder', sa.String(length=80), nullable=False),
    sa.Column('counts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run'))
    )
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.create_index('ix_run_stage_source_started_at', ['stage', 'source', 'started_at'], unique=False)

    op.create_table('source_state',
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('watermark', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('next_at', Moment(), nullable=True),
    sa.Column('last_ok_at', Moment(), nullable=True),
    sa.PrimaryKeyConstraint('source', name=op.f('pk_source_state'))
    )
    op.create_table('stage_state',
    sa.Column('stage', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('value', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('stage', 'key', name=op.f('pk_stage_state'))
    )
    op.create_table('incident_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('incident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('by', sa.String(length=64), nullable=False),
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('detail', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_event_incident_id_incident')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_event'))
    )
    with op.batch_alter_table('incident_event', schema=None) as batch_op:
        batch_op.create_index('ix_incident_event_incident_id', ['incident_id', 'id'], unique=False)

    op.create_table('mention',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('native_id', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('published_at', Moment(), nullable=True),
    sa.Column('first_seen_at', Moment(), nullable=False),
    sa.Column('fetched_at', Moment(), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('outlet', sa.String(length=200), nullable=False),
    sa.Column('status', sa.String(length=64), nullable=False),
    sa.Column('reach', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('capture_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('extra', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['capture_id'], ['capture.id'], name=op.f('fk_mention_capture_id_capture')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mention')),
    sa.UniqueConstraint('source', 'native_id', name=op.f('uq_mention_source_native_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('mention', schema=None) as batch_op:
        batch_op.create_index('ix_mention_published_at_id', ['published_at', 'id'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('incident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('body', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempt', sa.SmallInteger(), nullable=False),
    sa.Column('unsure', sa.Boolean(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('due_at', Moment(), nullable=False),
    sa.Column('leased_by', sa.String(length=80), nullable=True),
    sa.Column('lease_until', Moment(), nullable=True),
    sa.Column('sent_at', Moment(), nullable=True),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_outbox_incident_id_incident')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_incident_id', ['incident_id', 'id'], unique=False)
        batch_op.create_index('ix_outbox_state_due_at', ['state', 'due_at'], unique=False)

    op.create_table('signal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('rule', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('series', sa.String(length=80), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('window_seconds', sa.Integer(), nullable=False),
    sa.Column('value', sa.Float(), nullable=False),
    sa.Column('expected', sa.Float(), nullable=False),
    sa.Column('threshold', sa.Float(), nullable=False),
    sa.Column('severity', sa.SmallInteger(), nullable=False),
    sa.Column('detail', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('incident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_signal_incident_id_incident')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signal')),
    sa.UniqueConstraint('rule', 'lender', 'series', 'at', name=op.f('uq_signal_rule_lender_series_at'))
    )
    with op.batch_alter_table('signal', schema=None) as batch_op:
        batch_op.create_index('ix_signal_incident_id', ['incident_id'], unique=False)

    op.create_table('assessment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', Moment(), nullable=False),
    sa.Column('sentiment', sa.String(length=3), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('severity', sa.SmallInteger(), nullable=False),
    sa.Column('names', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint('score BETWEEN -1 AND 1', name=op.f('ck_assessment_score')),
    sa.CheckConstraint('severity BETWEEN 0 AND 5', name=op.f('ck_assessment_severity')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_assessment_mention_id_mention')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment')),
    sa.UniqueConstraint('mention_id', 'revision', 'lender', 'made_by', name=op.f('uq_assessment_mention_id_revision_lender_made_by'))
    )
    op.create_table('incident_mention',
    sa.Column('incident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_mention_incident_id_incident')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_incident_mention_mention_id_mention')),
    sa.PrimaryKeyConstraint('incident_id', 'mention_id', name=op.f('pk_incident_mention'))
    )
    with op.batch_alter_table('incident_mention', schema=None) as batch_op:
        batch_op.create_index('ix_incident_mention_mention_id', ['mention_id'], unique=False)

    op.create_table('mention_revision',
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('replaced_at', Moment(), nullable=False),
    sa.Column('status', sa.String(length=64), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('capture_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['capture_id'], ['capture.id'], name=op.f('fk_mention_revision_capture_id_capture')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_mention_revision_mention_id_mention')),
    sa.PrimaryKeyConstraint('mention_id', 'revision', name=op.f('pk_mention_revision'))
    )
    op.create_table('pending',
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_pending_mention_id_mention')),
    sa.PrimaryKeyConstraint('stage', 'mention_id', name=op.f('pk_pending'))
    )
    op.create_table('verdict_tag',
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('allegation', sa.String(length=64), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('published_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_verdict_tag_mention_id_mention')),
    sa.PrimaryKeyConstraint('lender', 'allegation', 'mention_id', name=op.f('pk_verdict_tag'))
    )
    with op.batch_alter_table('verdict_tag', schema=None) as batch_op:
        batch_op.create_index('ix_verdict_tag_lender_allegation_published_at', ['lender', 'allegation', 'published_at', 'mention_id'], unique=False)
        batch_op.create_index('ix_verdict_tag_mention_id', ['mention_id'], unique=False)

    op.create_table('evidence',
    sa.Column('assessment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ordinal', sa.SmallInteger(), nullable=False),
    sa.Column('allegation', sa.String(length=64), nullable=False),
    sa.Column('field', sa.String(length=5), nullable=False),
    sa.Column('start', sa.Integer(), nullable=False),
    sa.Column('end', sa.Integer(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_evidence_assessment_id_assessment')),
    sa.PrimaryKeyConstraint('assessment_id', 'ordinal', name=op.f('pk_evidence'))
    )
    op.create_table('verdict',
    sa.Column('lender', sa.String(length=64), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('assessment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('published_at', Moment(), nullable=True),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('sentiment', sa.String(length=3), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('severity', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_verdict_assessment_id_assessment')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_verdict_mention_id_mention')),
    sa.PrimaryKeyConstraint('lender', 'mention_id', name=op.f('pk_verdict'))
    )
    with op.batch_alter_table('verdict', schema=None) as batch_op:
        batch_op.create_index('ix_verdict_lender_published_at', ['lender', 'published_at', 'mention_id'], unique=False)
        batch_op.create_index('ix_verdict_mention_id', ['mention_id'], unique=False)
    _create_search()


def _create_search() -> None:
    """Make the phrase index, which each engine has in its own way (data/store/search.py)."""
    if op.get_bind().dialect.name == 'sqlite':
        op.execute("CREATE VIRTUAL TABLE mention_search USING fts5(body, content='')")
        return
    op.create_table('mention_search',
    sa.Column('mention_id', sa.BigInteger(), sa.ForeignKey('mention.id'), primary_key=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('grams', postgresql.ARRAY(sa.Text()), nullable=False),
    )
    op.create_index('ix_mention_search_grams', 'mention_search', ['grams'], postgresql_using='gin')
