"""create users

Revision ID: 1975ea83b712
Revises: 
Create Date: 2026-02-01 09:30:00.000000

"""
import sqlalchemy as sa
from alembic import op

revision = "1975ea83b712"
down_revision = None


def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(255)),
    )


def downgrade():
    op.drop_table("users")
