#define _GNU_SOURCE /* nftw */
#include "save_world.h"

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail_file.h"

static char top[64];
struct haul_tree tree;
struct haul_file file;
struct haul_buf got;
const struct haul_sink_end plain_end;
const char large[LARGE];

const char *below(const char *name)
{
    static char path[4][1024];
    static unsigned next;
    char *to = path[next++ % 4];

    snprintf(to, sizeof path[0], "%s/%s", top, name);
    return to;
}

void save_begin(void)
{
    struct haul_buf message;

    fail_file_reset();
    strcpy(top, "/tmp/haul-save.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_tree_open(&tree, below("dir"), false, &message), HAUL_OK);
    haul_buf_done(&message);
    ck_assert(!tree.folds_case);
    haul_file_init(&file, &tree);
    haul_buf_init(&got, 0);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void save_end(void)
{
    haul_file_done(&file);
    haul_buf_done(&got);
    haul_tree_close(&tree);
    nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *read_file(const char *path)
{
    static char text[4096];
    FILE *stream = fopen(path, "r");
    size_t len = stream ? fread(text, 1, sizeof text - 1, stream) : 0;

    ck_assert_msg(stream != NULL, "%s: %s", path, strerror(errno));
    fclose(stream);
    text[len] = '\0';
    return text;
}

void write_file(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    ck_assert_ptr_nonnull(stream);
    fputs(text, stream);
    fclose(stream);
}

static unsigned found;
static int count_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    found += strstr(path, ".part") != NULL;
    return 0;
}

unsigned count_temporaries(void)
{
    found = 0;
    nftw(top, count_one, 16, FTW_PHYS);
    return found;
}

enum haul_reason save(const char *name, const char *text, const struct haul_sink_end *how)
{
    enum haul_reason reason = haul_file_begin(&file, name, -1, 0, NULL);

    haul_buf_clear(&got);
    if (reason == HAUL_REASON_NONE)
        reason = haul_file_write(&file, text, strlen(text));
    if (reason == HAUL_REASON_NONE)
        reason = haul_file_publish(&file, name, how, &got);
    if (reason != HAUL_REASON_NONE)
        haul_file_discard(&file);
    ck_assert(!file.is_begun);
    return reason;
}
