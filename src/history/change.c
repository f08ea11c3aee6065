#include "history/change.h"

const char *const haul_change_words[HAUL_CHANGE_COUNT] = {
#define CHANGE_WORD(name, word, text) word,
    HAUL_CHANGES(CHANGE_WORD)
#undef CHANGE_WORD
};

const char *const haul_change_texts[HAUL_CHANGE_COUNT] = {
#define CHANGE_TEXT(name, word, text) text,
    HAUL_CHANGES(CHANGE_TEXT)
#undef CHANGE_TEXT
};
