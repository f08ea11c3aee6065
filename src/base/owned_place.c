/* O_TMPFILE */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/owned_place.h"
#include "base/temporary.h"

/* ---- names ---- */

/* How much of a path there is without slashes and "." parts at its end: "d/." and "d//" are d. */
static size_t len_of(const char *path)
{
    size_t len = strlen(path), before;

    do {
        before = len;
        while (len > 1 && path[len - 1] == '/')
            len--;
        if (len > 1 && path[len - 1] == '.' && path[len - 2] == '/')
            len--;
    } while (len < before);
    return len;
}

/* The directory in which the last part of a path stands, the caller's; NULL: no memory. */
static char *directory_of(const char *path)
{
    size_t len = len_of(path);

    while (len && path[len - 1] != '/')
        len--;
    return len ? strndup(path, len) : strdup(".");
}

static int stat_directory(const char *path, struct stat *info)
{
    char *name = directory_of(path);
    int failed = name ? stat(name, info) : -1;

    free(name);
    return failed;
}

/* ---- whose it is ---- */

bool haul_owned_is_by(const struct stat *info, uid_t user)
{
    return info->st_uid == user || info->st_uid == 0;
}

struct haul_owned_place haul_owned_place_by(const struct stat *directory)
{
    struct haul_owned_place place = {.owner = directory->st_uid,
                                     .access = HAUL_OWNED_ACCESS_PRIVATE};

    if (directory->st_mode & S_IWOTH)
        place.access = HAUL_OWNED_ACCESS_ANYBODY;
    else if (directory->st_mode & S_IWGRP)
        place.access =
            directory->st_mode & S_ISVTX ? HAUL_OWNED_ACCESS_WARY_GROUP : HAUL_OWNED_ACCESS_GROUP;
    return place;
}

struct haul_owned_place haul_owned_place_of(const char *path)
{
    struct stat info;

    if (stat_directory(path, &info))
        return (struct haul_owned_place){.access = HAUL_OWNED_ACCESS_UNKNOWN};
    return haul_owned_place_by(&info);
}

enum haul_owned_trust haul_owned_trust_of(uid_t owner, const struct haul_owned_place *place,
                                          uid_t user)
{
    if (owner == user || owner == 0)
        return HAUL_OWNED_TRUST_OWN;
    switch (place->access) {
    case HAUL_OWNED_ACCESS_PRIVATE:
    case HAUL_OWNED_ACCESS_GROUP:
        return HAUL_OWNED_TRUST_YES;
    case HAUL_OWNED_ACCESS_WARY_GROUP:
        return owner == place->owner ? HAUL_OWNED_TRUST_YES : HAUL_OWNED_TRUST_IF_ALIKE;
    default:
        return HAUL_OWNED_TRUST_NO;
    }
}

/* A file without a name in a directory; or with a random one, which is removed at once. */
static int make_fresh(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600), error;
    size_t size = strlen(directory) + 40;
    char *name;

    if (fd >= 0)
        return fd;
    name = malloc(size);
    if (!name)
        return -1;
    snprintf(name, size, "%s/.haul-%016llx.part", directory,
             (unsigned long long)haul_temporary_number());
    fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    error = errno;
    if (fd >= 0)
        (void)unlink(name);
    free(name);
    errno = error;
    return fd;
}

bool haul_owned_is_alike(const char *path, uid_t owner)
{
    char *directory = directory_of(path);
    int fd = directory ? make_fresh(directory) : -1;
    struct stat info;
    bool is_alike = fd >= 0 && fstat(fd, &info) == 0 && info.st_uid == owner;

    free(directory);
    if (fd >= 0)
        close(fd);
    return is_alike;
}

bool haul_owned_may_use(const char *path, const struct stat *info, struct haul_owned_found *found)
{
    enum haul_owned_trust trust;

    found->place = haul_owned_place_of(path);
    trust = haul_owned_trust_of(info->st_uid, &found->place, geteuid());
    if (trust == HAUL_OWNED_TRUST_OWN || (trust == HAUL_OWNED_TRUST_YES && S_ISREG(info->st_mode)))
        return true;
    found->is_alike = haul_owned_is_alike(path, info->st_uid);
    return trust != HAUL_OWNED_TRUST_NO && found->is_alike;
}

mode_t haul_owned_lock_mode(const char *path)
{
    return haul_owned_place_of(path).access == HAUL_OWNED_ACCESS_GROUP ? 0660 : 0600;
}

uid_t haul_owned_overflow_user(void)
{
    int fd = open("/proc/sys/fs/overflowuid", O_RDONLY | O_CLOEXEC);
    char text[24] = "";
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

    if (fd >= 0)
        close(fd);
    return len > 0 ? (uid_t)strtoul(text, NULL, 10) : 65534;
}

/* ---- where it stands ---- */

/* Whether that is no link, or one that may be followed: on the way, where not anybody can have put
 * it; at the end, by the rule. */
static bool may_follow_part(const char *path, bool is_last, struct haul_owned_found *found)
{
    struct stat info;

    if (lstat(path, &info) || !S_ISLNK(info.st_mode) || haul_owned_is_by(&info, geteuid()))
        return true;
    found->owner = info.st_uid;
    if (haul_owned_may_use(path, &info, found) ||
        (!is_last && found->place.access < HAUL_OWNED_ACCESS_ANYBODY))
        return true;
    found->verdict = HAUL_OWNED_OTHERS;
    return false;
}

bool haul_owned_may_follow(const char *path, struct haul_owned_found *found)
{
    const size_t len = len_of(path);
    char *name = strndup(path, len);
    bool may = name != NULL;

    *found = (struct haul_owned_found){.verdict = HAUL_OWNED_OK};
    for (size_t i = 1; may && i < len; i++) {
        if (name[i] != '/')
            continue;
        name[i] = '\0';
        may = may_follow_part(name, false, found);
        name[i] = '/';
    }
    may = may && may_follow_part(name, true, found);
    free(name);
    return may;
}

bool haul_owned_may_replace(const char *path, const struct stat *info)
{
    uid_t user = geteuid();
    struct stat directory;

    return user == 0 || info->st_uid == user || stat_directory(path, &directory) ||
           !(directory.st_mode & S_ISVTX) || directory.st_uid == user;
}

enum haul_owned_directory haul_owned_directory_of(const char *path)
{
    struct stat info;

    if (stat_directory(path, &info) || !(info.st_mode & S_IWOTH))
        return HAUL_OWNED_DIRECTORY_CLOSED;
    return info.st_mode & S_ISVTX ? HAUL_OWNED_DIRECTORY_SHARED : HAUL_OWNED_DIRECTORY_OPEN;
}
