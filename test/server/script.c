#include "script.h"

#include "pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ts_script_clear(struct ts_script *script)
{
    script->count = 0;
    script->at = 0;
    ts_buf_clear(&script->text);
}

void ts_script_done(struct ts_script *script)
{
    free(script->steps);
    ts_buf_done(&script->text);
    *script = (struct ts_script){0};
}

static struct ts_step *add(struct ts_script *script, enum ts_step_kind kind)
{
    if (script->count == script->capacity) {
        script->capacity = script->capacity == 0 ? 8 : script->capacity * 2;
        script->steps = ts_memory_grow(script->steps, script->capacity * sizeof(*script->steps));
    }
    struct ts_step *step = &script->steps[script->count++];
    *step = (struct ts_step){.kind = kind};
    return step;
}

void ts_script_add_bytes(struct ts_script *script, const char *data, size_t size)
{
    struct ts_step *step = add(script, TS_STEP_BYTES);
    step->offset = script->text.size;
    step->size = size;
    ts_buf_add(&script->text, data, size);
}

void ts_script_add_static(struct ts_script *script, const char *data, size_t size)
{
    struct ts_step *step = add(script, TS_STEP_BYTES);
    step->data = data;
    step->size = size;
}

void ts_script_add_text(struct ts_script *script, const char *format, ...)
{
    struct ts_step *step = add(script, TS_STEP_BYTES);
    step->offset = script->text.size;
    va_list arguments;
    va_start(arguments, format);
    ts_buf_add_vformat(&script->text, format, arguments);
    va_end(arguments);
    step->size = script->text.size - step->offset;
}

void ts_script_add_repeat(struct ts_script *script, const char *data, size_t size, uint64_t times,
                          bool numbered)
{
    struct ts_step *step = add(script, TS_STEP_REPEAT);
    step->data = data;
    step->size = size;
    step->count = times;
    step->numbered = numbered;
}

void ts_script_add_again(struct ts_script *script, const char *data, size_t size, uint64_t times)
{
    struct ts_step *step = add(script, TS_STEP_REPEAT);
    step->offset = script->text.size;
    step->size = size;
    step->count = times;
    ts_buf_add(&script->text, data, size);
}

void ts_script_shorten(struct ts_script *script)
{
    for (size_t i = script->at; i < script->count; i++) {
        struct ts_step *step = &script->steps[i];
        if (step->kind == TS_STEP_REPEAT)
            step->count = 0;
        else if (step->kind == TS_STEP_DELAY || step->kind == TS_STEP_PACE)
            step->at = 0;
    }
}

void ts_script_add_pattern(struct ts_script *script, uint64_t first, uint64_t size,
                           unsigned version, size_t chunk)
{
    struct ts_step *step = add(script, TS_STEP_PATTERN);
    step->at = first;
    step->count = size;
    step->version = version;
    step->chunk = chunk;
}

void ts_script_add_pace(struct ts_script *script, size_t size, uint64_t gap_ms)
{
    struct ts_step *step = add(script, TS_STEP_PACE);
    step->size = size;
    step->at = gap_ms;
}

void ts_script_add_flush(struct ts_script *script)
{
    (void)add(script, TS_STEP_FLUSH);
}

void ts_script_add_delay(struct ts_script *script, uint64_t delay_ms)
{
    add(script, TS_STEP_DELAY)->at = delay_ms;
}

void ts_script_add_gate(struct ts_script *script)
{
    (void)add(script, TS_STEP_GATE);
}

void ts_script_add_done(struct ts_script *script)
{
    (void)add(script, TS_STEP_DONE);
}

void ts_script_add_reuse(struct ts_script *script, enum ts_end end)
{
    add(script, TS_STEP_REUSE)->end = end;
}

void ts_script_add_ahead(struct ts_script *script, const char *data, size_t size)
{
    struct ts_step *step = add(script, TS_STEP_AHEAD);
    step->data = data;
    step->size = size;
}

void ts_script_add_idle(struct ts_script *script, uint64_t delay_ms, const char *data, size_t size,
                        enum ts_end end)
{
    struct ts_step *step = add(script, TS_STEP_IDLE);
    step->at = delay_ms;
    step->data = data;
    step->size = size;
    step->end = end;
}

void ts_script_add_records(struct ts_script *script, const struct ts_record *list)
{
    for (; list->type != 0; list++) {
        struct ts_step *step = add(script, TS_STEP_RECORD);
        step->record = list;
        step->count = list->times == 0 ? 1 : list->times;
    }
}

void ts_script_add_renegotiate(struct ts_script *script)
{
    (void)add(script, TS_STEP_RENEGOTIATE);
}

void ts_script_add_end(struct ts_script *script, enum ts_end end)
{
    add(script, TS_STEP_END)->end = end;
}

const char *ts_script_data(const struct ts_script *script, const struct ts_step *step)
{
    if (step->data != NULL || step->size == 0)
        return step->data;
    return script->text.data + step->offset;
}

static size_t room_in(const struct ts_buf *out)
{
    return out->size >= TS_SCRIPT_PIECE ? 0 : TS_SCRIPT_PIECE - out->size;
}

/* The fill functions return whether the step is used up. */

static bool fill_bytes(struct ts_script *script, struct ts_step *step, struct ts_buf *out)
{
    size_t size = step->size - (size_t)step->at;
    if (size > room_in(out))
        size = room_in(out);
    if (size > 0)
        ts_buf_add(out, ts_script_data(script, step) + step->at, size);
    step->at += size;
    return step->at == step->size;
}

static void add_numbered(const struct ts_step *step, struct ts_buf *out)
{
    char number[24];
    size_t number_size =
        (size_t)snprintf(number, sizeof(number), "%llu", (unsigned long long)step->at);
    const char *at = step->data;
    const char *end = step->data + step->size;
    for (;;) {
        const char *mark = memchr(at, '#', (size_t)(end - at));
        if (mark == NULL)
            break;
        ts_buf_add(out, at, (size_t)(mark - at));
        ts_buf_add(out, number, number_size);
        at = mark + 1;
    }
    ts_buf_add(out, at, (size_t)(end - at));
}

/* Returns how many repetitions were added: as many as the room is for, and one more, so
 * that it is at least one. */
static uint64_t add_equal(const struct ts_script *script, const struct ts_step *step,
                          struct ts_buf *out)
{
    uint64_t times = room_in(out) / step->size + 1;
    if (times > step->count)
        times = step->count;
    char *room = ts_buf_reserve(out, (size_t)times * step->size);
    for (uint64_t i = 0; i < times; i++)
        memcpy(room + i * step->size, ts_script_data(script, step), step->size);
    out->size += (size_t)times * step->size;
    return times;
}

static bool fill_repeat(const struct ts_script *script, struct ts_step *step, struct ts_buf *out)
{
    while (step->count > 0 && room_in(out) > 0) {
        uint64_t times = 1;
        if (step->numbered)
            add_numbered(step, out);
        else
            times = add_equal(script, step, out);
        step->at += times;
        if (step->count != TS_FOREVER)
            step->count -= times;
    }
    return step->count == 0;
}

static void fill_pattern_piece(struct ts_step *step, struct ts_buf *out)
{
    size_t limit = step->chunk != 0 ? step->chunk : room_in(out);
    size_t size = step->count < limit ? (size_t)step->count : limit;
    if (step->chunk != 0)
        ts_buf_add_format(out, "%zx\r\n", size);
    ts_pattern_add(out, step->at, size, step->version);
    if (step->chunk != 0)
        ts_buf_add(out, "\r\n", 2);
    step->at += size;
    step->count -= size;
}

static bool fill_pattern(struct ts_step *step, struct ts_buf *out)
{
    while (step->count > 0 && room_in(out) > 0)
        fill_pattern_piece(step, out);
    return step->count == 0;
}

bool ts_script_begins_with_bytes(const struct ts_script *script)
{
    size_t at = script->at;
    while (at < script->count && script->steps[at].kind == TS_STEP_BYTES &&
           script->steps[at].size == 0)
        at++;
    return at < script->count && script->steps[at].kind == TS_STEP_BYTES;
}

bool ts_script_fill(struct ts_script *script, struct ts_buf *out)
{
    size_t before = out->size;
    while (script->at < script->count && room_in(out) > 0) {
        struct ts_step *step = &script->steps[script->at];
        bool used_up = false;
        if (step->kind == TS_STEP_BYTES)
            used_up = fill_bytes(script, step, out);
        else if (step->kind == TS_STEP_REPEAT)
            used_up = fill_repeat(script, step, out);
        else if (step->kind == TS_STEP_PATTERN)
            used_up = fill_pattern(step, out);
        else
            break;
        if (used_up)
            script->at++;
    }
    return out->size > before;
}

void ts_script_put_back(struct ts_script *script, uint64_t done)
{
    struct ts_step *step = &script->steps[script->at - 1];
    if (step->count != TS_FOREVER)
        step->count -= done;
    if (step->count > 0)
        script->at--;
}

const struct ts_step *ts_script_take(struct ts_script *script)
{
    return script->at < script->count ? &script->steps[script->at++] : NULL;
}
