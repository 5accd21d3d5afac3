"""merge orders and address

Revision ID: cb15b9419fb8
Revises: 0002_orders, 0003_address
Create Date: 2026-02-04 09:30:00.000000

Reconciles:
- 0002_orders: orders
- 0003_address: address
"""

from typing import Sequence, Union

# revision identifiers, used by Alembic.
revision: str = "cb15b9419fb8"
down_revision: Union[str, Sequence[str], None] = (
    "0002_orders",
    "0003_address",
)
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Merge point: the lines were applied before, nothing is changed."""
    pass


def downgrade() -> None:
    """Back to several heads, nothing is changed."""
    pass
