"""drop users

Revision ID: 0002_drop_users
Revises: 0001_users
Create Date: 2026-02-03 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "0002_drop_users"
down_revision = "0001_users"


def upgrade():
    op.drop_table("users")


def downgrade():
    pass
