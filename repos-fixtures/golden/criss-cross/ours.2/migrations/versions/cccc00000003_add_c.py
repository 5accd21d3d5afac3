"""add c

Revision ID: cccc00000003
Revises: 571ef8c84d65
Create Date: 2026-02-05 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "cccc00000003"
down_revision = "571ef8c84d65"


def upgrade():
    op.add_column("users", sa.Column("c", sa.String(50), nullable=True))


def downgrade():
    pass
