#include <unistd.h>

#include "base/message.h"
#include "base/owned.h"

static const char is_link[] = "a symbolic link is not written through";
static const char is_other_kind[] = "not a regular file";

static const char is_exposed[] = "anybody may write to it (chmod o-w helps)";
static const char is_hard_link[] = "it has another name as well (a hard link), and what is "
                                   "written here would be written there, "
                                   "too: put a copy in its place, or use another name";

static void add_owner(struct haul_buf *message, const struct haul_owned_found *found)
{
    haul_buf_addf(message, "it belongs to another user (uid %lu)", (unsigned long)found->owner);
    if (found->owner == haul_owned_overflow_user())
        haul_buf_add_str(message, ", or to one that is not known here (of another machine, or from "
                                  "outside of the container)");
    if (found->is_alike)
        haul_buf_add_str(message, ", as all does that is made there, and anybody may write to the "
                                  "directory: use another one, or mount the file system so that "
                                  "not everybody may");
    else
        haul_buf_add_str(message, ": run haul as that user, take it over (chown), or use another "
                                  "name");
}

void haul_owned_add_cause(struct haul_buf *message, const struct haul_owned_found *found)
{
    switch (found->verdict) {
    case HAUL_OWNED_SYMLINK:
        haul_buf_add_str(message, is_link);
        break;
    case HAUL_OWNED_KIND:
        haul_buf_add_str(message, is_other_kind);
        break;
    case HAUL_OWNED_LINKED:
        haul_buf_add_str(message, is_hard_link);
        break;
    case HAUL_OWNED_EXPOSED:
        haul_buf_add_str(message, is_exposed);
        break;
    case HAUL_OWNED_OTHERS:
        add_owner(message, found);
        break;
    default:
        break;
    }
}

const char haul_owned_replaceable[] = "anybody can replace this file, for anybody may write to "
                                      "its directory (chmod o-w, or +t, for "
                                      "that helps)";

void haul_owned_add_warning(struct haul_buf *message, const char *path)
{
    if (haul_owned_directory_of(path) != HAUL_OWNED_DIRECTORY_OPEN)
        return;
    haul_message_next(message);
    haul_buf_addf(message, "%s: %s", path, haul_owned_replaceable);
}

static void add_owner_notice(struct haul_buf *message, const char *path,
                             const struct haul_owned_found *found)
{
    haul_message_next(message);
    haul_buf_addf(message, "%s: ", path);
    if (found->verdict) {
        haul_buf_add_str(message, "the next run will not use it: ");
        haul_owned_add_cause(message, found);
    } else {
        haul_buf_addf(message,
                      "it belongs to another user (uid %lu), who can read and change what root "
                      "writes there",
                      (unsigned long)found->owner);
    }
}

void haul_owned_add_notice(struct haul_buf *message, const char *path)
{
    struct haul_owned_found found = {.verdict = HAUL_OWNED_OK};
    struct stat info;
    bool may;

    if (lstat(path, &info) || !S_ISREG(info.st_mode) || haul_owned_is_by(&info, geteuid()))
        return;
    found.owner = info.st_uid;
    may = haul_owned_may_use(path, &info, &found);
    found.verdict = may ? HAUL_OWNED_OK : HAUL_OWNED_OTHERS;
    if (!may || (geteuid() == 0 && !haul_owned_is_alike(path, info.st_uid)))
        add_owner_notice(message, path, &found);
}
