"""merge create_orders and add_phone_as_e_164

Revision ID: d324492e443d
Revises: 27c6a30d7c24, ae1027a6acf
Create Date: 2026-02-04 09:30:00.000000

Reconciles:
- 27c6a30d7c24: create orders
- ae1027a6acf: Add phone, as "E.164"
"""

from typing import Sequence, Union

# revision identifiers, used by Alembic.
revision: str = "d324492e443d"
down_revision: Union[str, Sequence[str], None] = (
    "27c6a30d7c24",
    "ae1027a6acf",
)
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Merge point: the lines were applied before, nothing is changed."""
    pass


def downgrade() -> None:
    """Back to several heads, nothing is changed."""
    pass
