#include "sink/name_form.h"

#include <string.h>

#include "base/ascii.h"

/* ---- fields ---- */

static const char *const field_names[HAUL_NAME_TEXT] = {
    [HAUL_NAME_HOST] = "host",     [HAUL_NAME_PATH] = "path",         [HAUL_NAME_NAME] = "name",
    [HAUL_NAME_FILE] = "file",     [HAUL_NAME_STEM] = "stem",         [HAUL_NAME_EXT] = "ext",
    [HAUL_NAME_NUMBER] = "n",      [HAUL_NAME_TYPE_EXT] = "type-ext", [HAUL_NAME_LINE] = "line",
    [HAUL_NAME_SHA256] = "sha256", [HAUL_NAME_DATE] = "date",         [HAUL_NAME_COLUMN] = "col"};

static const char no_field[] =
    "the fields are {host}, {path}, {name}, {file}, {stem}, {ext}, {type-ext}, {n}, {line}, "
    "{sha256}, {date} and {col:NAME}";

static const char *read_digits(struct haul_span text, unsigned max, const char *cause,
                               unsigned *digits)
{
    *digits = 0;
    for (size_t i = 0; i < text.len && *digits <= max; i++) {
        if (!haul_ascii_is_digit(text.at[i]))
            return cause;
        *digits = *digits * 10 + (unsigned)(text.at[i] - '0');
    }
    return *digits && *digits <= max ? NULL : cause;
}

/* What stands behind the colon of a field. */
static const char *read_argument(struct haul_span text, struct haul_name_piece *piece)
{
    static const char padding[] = "a number is filled up with zeros as in {n:06}, to 20 digits at "
                                  "most";

    switch (piece->field) {
    case HAUL_NAME_NUMBER:
    case HAUL_NAME_LINE:
        if (!haul_span_skip(&text, "0"))
            return padding;
        return read_digits(text, HAUL_NAME_DIGITS_MAX, padding, &piece->digits);
    case HAUL_NAME_SHA256:
        return read_digits(text, HAUL_NAME_BUCKET_MAX, "{sha256:N} has 1 to 64 digits",
                           &piece->digits);
    case HAUL_NAME_COLUMN:
        piece->text = text;
        return text.len ? NULL : "{col:NAME} names a column";
    default:
        return "only {n}, {line}, {sha256} and {col} have something behind a colon";
    }
}

static const char *read_field(struct haul_span text, struct haul_name_piece *piece)
{
    struct haul_span name = text, argument = text;
    bool has_argument = haul_span_take_before(&argument, ':', &name);

    for (int i = 0; i < HAUL_NAME_TEXT; i++) {
        piece->field = (enum haul_name_field)i;
        if (!haul_span_is(name, field_names[i]))
            continue;
        if (has_argument)
            return read_argument(argument, piece);
        return i == HAUL_NAME_COLUMN ? "{col:NAME} names a column" : NULL;
    }
    return no_field;
}

const char *haul_name_form_take(const char **form, struct haul_name_piece *piece)
{
    size_t len = strcspn(*form, "{}");
    bool is_open;

    *piece = (struct haul_name_piece){.field = HAUL_NAME_TEXT, .text = {*form, len}};
    if (len) {
        *form += len;
        return NULL;
    }
    is_open = *(*form)++ == '{';
    len = strcspn(*form, "{}");
    if (!is_open || (*form)[len] != '}')
        return "braces stand around the name of a field only, as in {name}";
    piece->text = (struct haul_span){*form, len};
    *form += len + 1;
    return read_field(piece->text, piece);
}

const char *haul_name_form_template(const char *form)
{
    if (strcmp(form, "path") == 0)
        return "{host}/{path}/{name}";
    return strcmp(form, "flat") == 0 ? "{name}" : form;
}

/* ---- checks ---- */

/* Why a relative path cannot be one of ours, or NULL. */
static const char *check_path(const char *text)
{
    if (!*text)
        return "the name is empty";
    if (*text == '/')
        return "the name must be relative";
    for (const char *at = text; *at; at++)
        if (haul_ascii_is_control(*at))
            return "control characters are not allowed";
    for (const char *at = text; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
            return "a part of the name is \"..\"";
    return NULL;
}

/* Whether the last part of a path names something. */
static const char *check_end(const char *path)
{
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

    return *last && strcmp(last, ".") != 0 ? NULL : "the name ends in no file's name";
}

const char *haul_name_check_given(const char *path, bool is_file)
{
    const char *cause = check_path(path);

    return cause || !is_file ? cause : check_end(path);
}

/* Whether a directory is a name once it is put below the root. */
static bool is_safe_below(const char *dir)
{
    const char *below = dir + strspn(dir, "/");

    return *dir == '/' && (!*below || !check_path(below));
}

static void explain(const char *key, const char *value, const char *cause, struct haul_buf *text)
{
    enum { SHOWN_MAX = 200 };

    haul_buf_addf(text, "%s=%.*s names no place below --dir: %s; %s", key, SHOWN_MAX, value, cause,
                  strcmp(key, "dir") == 0 && is_safe_below(value)
                      ? "--list-keys safe puts it there"
                      : "mend the list, or leave its keys out with --list-keys none");
}

void haul_name_explain(const char *out, const char *dir, struct haul_buf *text)
{
    const char *of_dir = dir ? haul_name_check_given(dir, false) : NULL;
    const char *of_out = out ? haul_name_check_given(out, true) : NULL;

    if (of_dir)
        explain("dir", dir, of_dir, text);
    else if (of_out)
        explain("out", out, of_out, text);
}

/* Whether a field may stand where it does: from `at`, up to `end`, in `form`. */
static const char *check_place(const char *form, const char *at, const char *end,
                               const struct haul_name_piece *piece)
{
    bool is_part = (at == form || at[-1] == '/') && *end == '/';

    if (piece->field == HAUL_NAME_SHA256 && piece->digits && !is_part)
        return "{sha256:N} is a directory of its own, as in {sha256:2}/{file}";
    if (piece->field == HAUL_NAME_TYPE_EXT && *end)
        return "{type-ext} stands at the end";
    return NULL;
}

const char *haul_name_check(const char *form)
{
    const char *cause = haul_name_check_given(form, true), *end;
    struct haul_name_piece piece;

    for (const char *at = form; !cause && *at; at = end) {
        end = at;
        cause = haul_name_form_take(&end, &piece);
        if (!cause)
            cause = check_place(form, at, end, &piece);
    }
    return cause;
}

/* ---- questions ---- */

uint64_t haul_name_form_buckets(const char *form)
{
    struct haul_name_piece piece;
    uint64_t buckets = 0;

    for (form = haul_name_form_template(form); *form;)
        if (!haul_name_form_take(&form, &piece) && piece.field == HAUL_NAME_SHA256 && piece.digits)
            buckets |= UINT64_C(1) << (piece.digits - 1);
    return buckets;
}

bool haul_name_form_has(const char *form, enum haul_name_field field)
{
    struct haul_name_piece piece;
    bool has = false;

    for (form = haul_name_form_template(form); *form && !has;)
        has = !haul_name_form_take(&form, &piece) && piece.field == field;
    return has;
}
