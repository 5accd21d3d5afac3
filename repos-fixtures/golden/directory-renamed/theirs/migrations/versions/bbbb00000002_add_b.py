"""add b

Revision ID: bbbb00000002
Revises: 1975ea83b712
Create Date: 2026-02-04 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "bbbb00000002"
down_revision = "1975ea83b712"


def upgrade():
    op.add_column("users", sa.Column("b", sa.String(50), nullable=True))


def downgrade():
    pass
