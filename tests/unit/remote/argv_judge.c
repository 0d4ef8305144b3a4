/* Copyright (c) 2026, the winfleet.containers authors
 * GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Splits command lines by CommandLineToArgvW. Records on stdin and stdout: a 32-bit count of UTF-16 units, then the units.
 * Each record in is a line; out come the number of arguments (32 bits) and one record for each.
 */
#include <windows.h>
#include <shellapi.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

static void put(const void *data, size_t size) { fwrite(data, 1, size, stdout); }

int main(void)
{
    unsigned int units;
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
    while (fread(&units, 4, 1, stdin) == 1) {
        wchar_t *line = calloc(units + 1, sizeof(wchar_t));
        if (units && fread(line, sizeof(wchar_t), units, stdin) != units)
            return 1;
        int count = 0;
        wchar_t **arguments = CommandLineToArgvW(line, &count);
        put(&count, 4);
        for (int i = 0; i < count; i++) {
            unsigned int length = (unsigned int)wcslen(arguments[i]);
            put(&length, 4);
            put(arguments[i], length * sizeof(wchar_t));
        }
        LocalFree(arguments);
        free(line);
    }
    return 0;
}
