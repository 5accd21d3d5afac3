#include "adapters/alembic/date.h"

#include "adapters/alembic/text.h"

/* Exactly COUNT digits off the front of *REST. */
static bool take_digits(struct oh_slice *rest, size_t count, int *out)
{
	*out = 0;
	if (rest->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char c = rest->ptr[i];

		if (c < '0' || c > '9')
			return false;
		*out = *out * 10 + (c - '0');
	}
	*rest = oh_slice_sub(*rest, count, rest->len);
	return true;
}

static bool take_byte(struct oh_slice *rest, char c)
{
	if (!rest->len || rest->ptr[0] != c)
		return false;
	*rest = oh_slice_sub(*rest, 1, rest->len);
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool take_day(struct oh_slice *rest, struct oh_date *d)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return take_digits(rest, 4, &d->year) && take_byte(rest, '-') &&
	       take_digits(rest, 2, &d->month) && take_byte(rest, '-') &&
	       take_digits(rest, 2, &d->day) && d->year && d->month >= 1 && d->month <= 12 &&
	       d->day >= 1 && d->day <= days[d->month - 1] + (d->month == 2 && is_leap(d->year));
}

/* Digits behind the point: any number of them, six count. */
static bool take_fraction(struct oh_slice *rest, int *micro)
{
	int digit, count = 0;

	for (; take_digits(rest, 1, &digit); count++)
		if (count < 6)
			*micro = *micro * 10 + digit;
	for (int i = count; i < 6; i++)
		*micro *= 10;
	return count > 0;
}

static bool take_time(struct oh_slice *rest, struct oh_date *d)
{
	if (!take_digits(rest, 2, &d->hour) || !take_byte(rest, ':') ||
		!take_digits(rest, 2, &d->minute) || d->hour > 23 || d->minute > 59)
		return false;
	if (take_byte(rest, ':')) {
		if (!take_digits(rest, 2, &d->second) || d->second > 59)
			return false;
		if (take_byte(rest, '.') || take_byte(rest, ','))
			return take_fraction(rest, &d->micro);
	}
	return true;
}

/* Seconds east of Greenwich. */
static bool take_offset(struct oh_slice *rest, int *offset)
{
	const bool west = rest->len && rest->ptr[0] == '-';
	int hours, minutes = 0, seconds = 0;

	*offset = 0;
	if (take_byte(rest, 'Z') || oh_slice_cut_prefix(rest, OH_SLICE("UTC")) || !rest->len)
		return true;
	if ((!take_byte(rest, '+') && !take_byte(rest, '-')) || !take_digits(rest, 2, &hours))
		return false;
	if (rest->len && (take_byte(rest, ':'), !take_digits(rest, 2, &minutes)))
		return false;
	if (rest->len && (take_byte(rest, ':'), !take_digits(rest, 2, &seconds)))
		return false;
	*offset = hours * 3600 + minutes * 60 + seconds;
	*offset = west ? -*offset : *offset;
	return hours <= 23 && minutes <= 59 && seconds <= 59;
}

/* Days from 1970-01-01, by the Gregorian calendar. */
static long long days_since_1970(const struct oh_date *d)
{
	const long long y = d->month <= 2 ? d->year - 1 : d->year;
	const long long month = d->month <= 2 ? d->month + 9 : d->month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * month + 2) / 5 + d->day - 1 - 719468;
}

bool oh_date_parse(struct oh_slice text, struct oh_date *date)
{
	struct oh_slice rest = oh_text_strip(text);
	int offset = 0;

	*date = (struct oh_date){0};
	if (!take_day(&rest, date))
		return false;
	if (rest.len) {
		if (!take_byte(&rest, ' ') && !take_byte(&rest, 'T'))
			return false;
		if (!take_time(&rest, date))
			return false;
		take_byte(&rest, ' ');
		if (!take_offset(&rest, &offset) || rest.len)
			return false;
	}
	date->epoch = days_since_1970(date) * 86400 + date->hour * 3600 + date->minute * 60 +
		      date->second - offset;
	return true;
}

int oh_date_cmp(const struct oh_date *a, const struct oh_date *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	return (a->micro > b->micro) - (a->micro < b->micro);
}
