"""total

Revision ID: b222b222b222
Revises: b111b111b111
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "b222b222b222"
down_revision = "b111b111b111"


def upgrade():
    op.add_column("invoices", sa.Column("total", sa.String(50), nullable=True))


def downgrade():
    pass
