#ifndef HAUL_ENGINE_CONFINE_SYSTEM_H
#define HAUL_ENGINE_CONFINE_SYSTEM_H

#include "base/sandbox.h"

/*
 * What of the system may be read in the sandbox: what the libraries of haul read when they please.
 *
 * Names are looked up by the C library with plugins (nsswitch.conf(5)), and what those read is
 * known of the usual ones only, all below the directories that are named here. Where another one is
 * set up, reading is not restricted at all: a name that is not found would be a failure that the
 * sandbox has made.
 *
 * Directories, and not the files in them: resolv.conf(5), certificates and the like are replaced
 * while haul runs, and a rule is for the file that is there now. So what is private below /etc is
 * kept from haul by its permissions alone, which hold nobody back who runs as root. What people
 * keep elsewhere (/home, /root, /srv, /mnt, /tmp, /var but for a few directories) is not readable.
 */
void haul_confine_add_system(struct haul_sandbox_rules *rules);

/*
 * A file of trusted certificates, or a directory of them: in there often each is a link, which may
 * lead out of what is readable. Then the directory that it leads to is readable, too; or, where
 * that is the home directory, the file.
 */
void haul_confine_add_trusted(struct haul_sandbox_rules *rules, const char *path);

/* Whether the lines "hosts:" of an nsswitch.conf, `len` bytes, have known plugins only. Pure. */
bool haul_confine_knows_plugins(const char *text, size_t len);

#endif
