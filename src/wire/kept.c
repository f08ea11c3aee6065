/* memfd_create, F_ADD_SEALS */
#define _GNU_SOURCE
#include "wire/kept.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/again.h"
#include "base/io.h"
#include "base/owned.h"

struct copy {
    const char *name; /* the configuration's */
    int fd;
    char path[32];
};

struct haul_kept {
    struct copy copy[HAUL_KEPT_MAX];
    size_t count;
};

/* Whether all of it was copied. */
static bool copy_bytes(int from, int to)
{
    char bytes[8192];
    size_t size = 0;
    ssize_t got;

    for (;;) {
        HAUL_AGAIN(got, read(from, bytes, sizeof bytes));
        if (got <= 0)
            return got == 0;
        size += (size_t)got;
        if (size > HAUL_KEPT_SIZE_MAX || haul_io_write_all(to, bytes, (size_t)got, NULL))
            return false;
    }
}

/* -1: it cannot be. What may be read only once, such as a pipe, is not read unless there is a place
 * for it. */
static int copy_file(const char *name)
{
    int copy = memfd_create("haul", MFD_CLOEXEC | MFD_ALLOW_SEALING), from = -1;
    struct haul_owned_found found;
    struct stat info;
    bool is_whole;

    if (copy >= 0)
        from = haul_owned_open_input(name, &info, &found);
    is_whole = from >= 0 && copy_bytes(from, copy);
    if (from >= 0)
        close(from);
    if (is_whole) {
        (void)fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
        return copy;
    }
    if (copy >= 0)
        close(copy);
    return -1;
}

static const struct copy *find(const struct haul_kept *kept, const char *name)
{
    for (size_t i = 0; i < kept->count; i++)
        if (strcmp(kept->copy[i].name, name) == 0)
            return &kept->copy[i];
    return NULL;
}

/* Where /proc is not mounted, nobody could open it. */
static void keep(struct haul_kept *kept, const char *name)
{
    struct copy *copy = &kept->copy[kept->count];

    if (!name || kept->count == HAUL_KEPT_MAX || find(kept, name))
        return;
    *copy = (struct copy){.name = name, .fd = access("/proc/self/fd", X_OK) ? -1 : copy_file(name)};
    if (copy->fd < 0)
        return;
    snprintf(copy->path, sizeof copy->path, "/proc/self/fd/%d", copy->fd);
    kept->count++;
}

enum haul_err haul_kept_create(const struct haul_config *config, struct haul_kept **out)
{
    struct haul_kept *kept = calloc(1, sizeof *kept);

    *out = kept;
    if (!kept)
        return HAUL_ERR_NOMEM;
    keep(kept, config->ca_file);
    keep(kept, config->cert);
    keep(kept, config->key);
    for (size_t i = 0; i < config->host_rule_count; i++) {
        keep(kept, config->host_rule[i].cert);
        keep(kept, config->host_rule[i].key);
    }
    return HAUL_OK;
}

void haul_kept_free(struct haul_kept *kept)
{
    for (size_t i = 0; kept && i < kept->count; i++)
        close(kept->copy[i].fd);
    free(kept);
}

const char *haul_kept_path(const struct haul_kept *kept, const char *name)
{
    const struct copy *copy = name ? find(kept, name) : NULL;

    return copy ? copy->path : name;
}

void haul_kept_show(const struct haul_kept *kept, char *text, size_t size)
{
    char *at = strstr(text, "/proc/self/fd/"), *rest = NULL, *whole;
    const struct copy *copy = NULL;
    size_t whole_size;

    for (size_t i = 0; at && i < kept->count; i++) {
        size_t len = strlen(kept->copy[i].path);

        if (strncmp(at, kept->copy[i].path, len) == 0 && !isdigit((unsigned char)at[len])) {
            copy = &kept->copy[i];
            rest = at + len;
        }
    }
    if (!copy)
        return;
    whole_size = strlen(text) + strlen(copy->name) + 1;
    whole = malloc(whole_size);
    if (!whole)
        return;
    (void)snprintf(whole, whole_size, "%.*s%s%s", (int)(at - text), text, copy->name, rest);
    (void)snprintf(text, size, "%s", whole);
    free(whole);
}
