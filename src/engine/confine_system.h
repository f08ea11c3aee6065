#ifndef HAUL_ENGINE_CONFINE_SYSTEM_H
#define HAUL_ENGINE_CONFINE_SYSTEM_H

#include "base/sandbox.h"

/*
 * What of the system may be read in the sandbox: what the libraries of haul read when they please.
 *
 * Names are looked up by the C library with plugins (nsswitch.conf(5)), and what those read is
 * known of the usual ones only, all below the directories that are named here. Where another one is
 * set up, reading is not restricted at all: a name that is not found would be a failure that the
 * sandbox has made. Local sockets may be made only where a plugin needs them, for a daemon that
 * does what it is asked at one may do anything (docker, D-Bus).
 *
 * Directories, and not the files in them: resolv.conf(5), certificates and the like are replaced
 * while haul runs, and a rule is for the file that is there now. So what is private below /etc is
 * kept from haul by its permissions alone, which hold nobody back who runs as root. What people
 * keep elsewhere (/home, /root, /srv, /mnt, /tmp, /var but for a few directories) is not readable,
 * and neither are devices, other processes, nor what services are given in /run.
 */
void haul_confine_add_system(struct haul_sandbox_rules *rules);

/*
 * A file of trusted certificates, or a directory of them: in there often each is a link, which may
 * lead out of what is readable. Then the directory that it leads to is readable, too; or, where
 * that is the home directory, the file.
 */
void haul_confine_add_trusted(struct haul_sandbox_rules *rules, const char *path);

/* What the plugins do that look names up; the worst of them counts. */
enum haul_confine_plugins {
    HAUL_CONFINE_PLUGINS_UNKNOWN, /* one that haul does not know */
    HAUL_CONFINE_PLUGINS_TALK,    /* some ask a daemon of this machine, at a local socket */
    HAUL_CONFINE_PLUGINS_READ     /* they read files and ask servers of names */
};

/* Of the lines "hosts:" of an nsswitch.conf, `len` bytes. Pure. */
enum haul_confine_plugins haul_confine_look_at_plugins(const char *text, size_t len);

#endif
