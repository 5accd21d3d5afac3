"""phone

Revision ID: 0002_phone
Revises: 0001_users
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0002_phone"
down_revision = "0001_users"


def upgrade():
    op.add_column("users", sa.Column("phone", sa.String(50), nullable=True))


def downgrade():
    pass
