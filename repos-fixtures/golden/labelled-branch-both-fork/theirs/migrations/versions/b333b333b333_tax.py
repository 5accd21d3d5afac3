"""tax

Revision ID: b333b333b333
Revises: b111b111b111
Create Date: 2026-02-05 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "b333b333b333"
down_revision = "b111b111b111"


def upgrade():
    op.add_column("invoices", sa.Column("tax", sa.String(50), nullable=True))


def downgrade():
    pass
