#include "model/entry_options.h"

#include <stdlib.h>
#include <string.h>

void haul_entry_options_init(struct haul_entry_options *options)
{
    *options = (struct haul_entry_options){.max_tries = -1,
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

static void pack_texts(struct packer *packer, struct haul_entry_options *options)
{
    pack(packer, &options->out);
    pack(packer, &options->dir);
    pack(packer, &options->checksum);
    pack(packer, &options->referer);
    pack(packer, &options->user_agent);
    pack(packer, &options->user);
    pack(packer, &options->password);
    for (size_t i = 0; i < options->header_count; i++)
        pack(packer, &options->headers[i]);
    for (size_t i = 0; i < options->mirror_count; i++) {
        pack(packer, &options->mirrors[i].url);
        pack(packer, &options->mirrors[i].origin);
        pack(packer, &options->mirrors[i].user);
        pack(packer, &options->mirrors[i].password);
    }
    for (size_t i = 0; i < options->attached_count; i++) {
        pack(packer, &options->attached[i].name);
        pack(packer, &options->attached[i].value);
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

struct haul_entry_options *haul_entry_options_copy(const struct haul_entry_options *options)
{
    size_t headers = options->header_count * sizeof *options->headers;
    size_t mirrors = options->mirror_count * sizeof *options->mirrors;
    size_t attached = options->attached_count * sizeof *options->attached;
    size_t arrays = sizeof *options + headers + mirrors + attached;
    struct packer packer = {0};
    struct haul_entry_options scratch = *options, *copy;
    char *at;

    pack_texts(&packer, &scratch);
    copy = malloc(arrays + packer.size);
    if (!copy)
        return NULL;
    *copy = *options;
    copy->bytes = arrays + packer.size;
    at = (char *)(copy + 1);
    copy->headers = place(&at, options->headers, headers);
    copy->mirrors = place(&at, options->mirrors, mirrors);
    copy->attached = place(&at, options->attached, attached);
    packer.at = at;
    pack_texts(&packer, copy);
    return copy;
}
