#include "adapters/alembic/config.h"
#include "adapters/alembic/fresh.h"
#include "adapters/alembic/merge_revision.h"
#include "adapters/alembic/number.h"
#include "adapters/alembic/parse.h"
#include "adapters/alembic/post_write.h"
#include "adapters/alembic/rewrite.h"

const struct oh_adapter oh_adapter_alembic = {
	.name = "alembic",
	.is_config = oh_alembic_is_config,
	.discover = oh_alembic_discover,
	.is_migration = oh_alembic_is_migration,
	.parse = oh_alembic_parse,
	.merge_revision = oh_alembic_merge_revision,
	.rewrite = oh_alembic_rewrite,
	.is_sequential = oh_alembic_is_sequential,
	.number = oh_alembic_number,
	.rename = oh_alembic_rename,
	.beside = oh_alembic_beside,
	.next_number = oh_alembic_next_number,
	.add_post_write = oh_alembic_add_post_write,
	.remove_post_write = oh_alembic_remove_post_write,
	.config_variable = "ALEMBIC_CONFIG",
	.upgrade_to_command = "alembic upgrade",
	.stamp_command = "alembic stamp",
	.stamp_only_command = "alembic stamp --purge",
	.upgrade_command = "alembic upgrade head",
	.version_table = "alembic_version",
	.config_words = "alembic.ini, or pyproject.toml with [tool.alembic]",
};
