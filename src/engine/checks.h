#ifndef HAUL_ENGINE_CHECKS_H
#define HAUL_ENGINE_CHECKS_H

#include "base/buf.h"
#include "haul/config.h"

/*
 * Whether the options can be used together. HAUL_ERR_USAGE and a line in `message` without newline,
 * not escaped; HAUL_ERR_NOMEM. Looks at files, opens none.
 */
HAUL_MUST_USE enum haul_err haul_checks(const struct haul_config *config, struct haul_buf *message);

#endif
