"""add birth date

Revision ID: b9c0d1e2f3a4
Revises: a8b9c0d1e2f3
Create Date: 2024-03-01 10:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision: str = "b9c0d1e2f3a4"
down_revision: Union[str, None] = "a8b9c0d1e2f3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("born", sa.Date(), nullable=True))
    op.create_index(op.f("ix_persons_born"), "persons", ["born"], unique=False)
    op.execute("UPDATE persons SET born = '1970-01-01'")


def downgrade() -> None:
    op.drop_column("persons", "born")
