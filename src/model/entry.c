#include "model/entry.h"

#include <stdlib.h>
#include <string.h>

void haul_entry_init(struct haul_entry *entry)
{
    *entry = (struct haul_entry){.max_tries = -1,
                                 .retry_wait_ms = -1,
                                 .timeout_ms = -1,
                                 .connect_timeout_ms = -1,
                                 .speed_limit = -1};
}

/* Strings one behind the other; with `at` NULL they are only counted. */
struct packer {
    char *at;
    size_t size; /* bytes so far */
};

static void pack(struct packer *packer, const char **text)
{
    size_t size = *text ? strlen(*text) + 1 : 0;

    packer->size += size;
    if (!packer->at || !size)
        return;
    memcpy(packer->at, *text, size);
    *text = packer->at;
    packer->at += size;
}

static void pack_texts(struct packer *packer, struct haul_entry *entry)
{
    pack(packer, &entry->out);
    pack(packer, &entry->dir);
    pack(packer, &entry->checksum);
    pack(packer, &entry->referer);
    pack(packer, &entry->user_agent);
    pack(packer, &entry->user);
    pack(packer, &entry->password);
    for (size_t i = 0; i < entry->header_count; i++)
        pack(packer, &entry->headers[i]);
    for (size_t i = 0; i < entry->mirror_count; i++) {
        pack(packer, &entry->mirrors[i].url);
        pack(packer, &entry->mirrors[i].origin);
        pack(packer, &entry->mirrors[i].user);
        pack(packer, &entry->mirrors[i].password);
    }
    for (size_t i = 0; i < entry->attached_count; i++) {
        pack(packer, &entry->attached[i].name);
        pack(packer, &entry->attached[i].value);
    }
}

/* Takes the next `size` bytes of the copy for an array. All elements are pointers. */
static void *place(char **at, const void *array, size_t size)
{
    char *to = *at;

    if (!size)
        return NULL;
    memcpy(to, array, size);
    *at += size;
    return to;
}

struct haul_entry *haul_entry_copy(const struct haul_entry *entry)
{
    size_t headers = entry->header_count * sizeof *entry->headers;
    size_t mirrors = entry->mirror_count * sizeof *entry->mirrors;
    size_t attached = entry->attached_count * sizeof *entry->attached;
    size_t arrays = sizeof *entry + headers + mirrors + attached;
    struct packer packer = {0};
    struct haul_entry scratch = *entry, *copy;
    char *at;

    pack_texts(&packer, &scratch);
    copy = malloc(arrays + packer.size);
    if (!copy)
        return NULL;
    *copy = *entry;
    copy->bytes = arrays + packer.size;
    at = (char *)(copy + 1);
    copy->headers = place(&at, entry->headers, headers);
    copy->mirrors = place(&at, entry->mirrors, mirrors);
    copy->attached = place(&at, entry->attached, attached);
    packer.at = at;
    pack_texts(&packer, copy);
    return copy;
}
