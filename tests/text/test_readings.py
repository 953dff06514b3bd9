"""How English is read: ten cases of each class at least, written down before any library was run.

Each line is what is written and what is to be said. Figures are hyphenated and say «and» as in British print; letters
that are spelled stand apart as capitals, for a model of characters has never learned to spell a word in capitals.
"""

import pytest

from engine.text import normalise

NUMBERS = """
I have 3 cats                       | I have three cats
0 errors                            | zero errors
42 people came                      | forty-two people came
110 of 250                          | one hundred and ten of two hundred and fifty
1,234 ways                          | one thousand, two hundred and thirty-four ways
1,000,000 stars                     | one million stars
3.14 is pi                          | three point one four is pi
0.05 or .5                          | zero point zero five or point five
it fell to -7                       | it fell to minus seven
pages 10-20                         | pages ten to twenty
3-5 days                            | three to five days
7.5 billion people                  | seven point five billion people
agent 007                           | agent zero zero seven
12345 sheep                         | twelve thousand, three hundred and forty-five sheep
version 2.0.1                       | version two point zero point one
ten, 20, 30                         | ten, twenty, thirty
"""

MONEY = """
$5                                  | five dollars
$1                                  | one dollar
$1.5M                               | one point five million dollars
$3.50                               | three dollars and fifty cents
$0.99                               | ninety-nine cents
£20                                 | twenty pounds
£1.01                               | one pound and one penny
€9.99                               | nine euros and ninety-nine cents
$1,234.56                           | one thousand, two hundred and thirty-four dollars and fifty-six cents
$2 billion                          | two billion dollars
$10K                                | ten thousand dollars
50¢                                 | fifty cents
¥500                                | five hundred yen
100 USD                             | one hundred U S dollars
25€                                 | twenty-five euros
$5-10                               | five to ten dollars
-$40                                | minus forty dollars
"""

DATES = """
March 3, 2024                       | March third, twenty twenty-four
Jan. 5                              | January fifth
July 4th, 1776                      | July fourth, seventeen seventy-six
5 May 2023                          | the fifth of May, twenty twenty-three
2024-03-15                          | March fifteenth, twenty twenty-four
12/25/2023                          | December twenty-fifth, twenty twenty-three
25/12/2023                          | December twenty-fifth, twenty twenty-three
in 1905                             | in nineteen oh-five
in 2005                             | in two thousand and five
the 1990s                           | the nineteen nineties
the '80s                            | the eighties
1914-1918                           | nineteen fourteen to nineteen eighteen
Sept. 11, 2001                      | September eleventh, two thousand and one
44 BC                               | forty-four B C
the 2000s                           | the two thousands
May 2024                            | May twenty twenty-four
"""

TIMES = """
3:30 pm                             | three thirty P M
10 a.m. sharp                       | ten A M sharp
10am                                | ten A M
at 7 p.m. He left                   | at seven P M. He left
10:00                               | ten o'clock
15:45                               | fifteen forty-five
9:05                                | nine oh five
17:00                               | seventeen hundred
5-6 pm                              | five to six P M
10:30:15                            | ten thirty and fifteen seconds
8:00 AM                             | eight A M
9:00-10:30                          | nine o'clock to ten thirty
00:15                               | zero fifteen
5 PM EST                            | five P M E S T
"""

PHONES = """
555-1234                            | five five five, one two three four
(212) 555-0187                      | two one two, five five five, zero one eight seven
212-555-0187                        | two one two, five five five, zero one eight seven
212.555.0187                        | two one two, five five five, zero one eight seven
+1 212 555 0187                     | plus one, two one two, five five five, zero one eight seven
+44 20 7946 0958                    | plus four four, two zero, seven nine four six, zero nine five eight
1-800-555-0199                      | one, eight zero zero, five five five, zero one nine nine
020 7946 0958                       | zero two zero, seven nine four six, zero nine five eight
call 911                            | call nine one one
555-1234 ext. 12                    | five five five, one two three four extension twelve
+15551234567                        | plus one five five five one two three four five six seven
123-45-6789                         | one two three, four five, six seven eight nine
"""

FRACTIONS = """
1/2                                 | one half
3/4 of it                           | three quarters of it
1/3                                 | one third
2/3                                 | two thirds
5/8                                 | five eighths
1 1/2 cups                          | one and a half cups
½ a day                             | one half a day
2¾                                  | two and three quarters
7/10                                | seven tenths
1/100                               | one hundredth
3/2                                 | three halves
24/7                                | twenty-four seven
1/4 cup                             | one quarter cup
1⁄2                                 | one half
"""

ORDINALS = """
1st                                 | first
the 2nd time                        | the second time
3rd                                 | third
11th hour                           | eleventh hour
21st                                | twenty-first
the 42nd Street                     | the forty-second Street
100th                               | one hundredth
101st                               | one hundred and first
1,000th                             | one thousandth
20th-century art                    | twentieth-century art
Henry VIII                          | Henry the eighth
Louis XIV of France                 | Louis the fourteenth of France
Elizabeth II                        | Elizabeth the second
World War II                        | World War two
Chapter IV                          | Chapter four
King James I                        | King James the first
"""

ABBREVIATIONS = """
Dr. Smith                           | doctor Smith
Mr. and Mrs. Jones                  | mister and missus Jones
St. Paul                            | saint Paul
12 Main St.                         | twelve Main street.
fruit, e.g. pears                   | fruit, for example pears
one, i.e. none                      | one, that is none
cats, dogs, etc.                    | cats, dogs, et cetera.
Smith vs. Jones                     | Smith versus Jones
Prof. Plum                          | professor Plum
No. 5                               | number five
Martin Luther King Jr. spoke        | Martin Luther King junior spoke
approx. 30                          | approximately thirty
Fig. 2 on p. 7                      | figure two on page seven
Mt. Everest                         | mount Everest
the U.S. Army                       | the U S Army
a Ph.D. in law                      | a P H D in law
Acme Inc. grew                      | Acme incorporated grew
5th Ave. is long                    | fifth avenue is long
"""

UNITS = """
5 km                                | five kilometers
1 km                                | one kilometer
20 °C                               | twenty degrees Celsius
98.6°F                              | ninety-eight point six degrees Fahrenheit
60 mph                              | sixty miles per hour
2.5 lbs                             | two point five pounds
70 km/h                             | seventy kilometers per hour
10kg                                | ten kilograms
250 ml                              | two hundred and fifty milliliters
5 m² of floor                       | five square meters of floor
16 GB                               | sixteen gigabytes
-5 °C                               | minus five degrees Celsius
90° turn                            | ninety degrees turn
30 min                              | thirty minutes
5-10 km                             | five to ten kilometers
3.2 GHz                             | three point two gigahertz
6 ft 2 in.                          | six feet two inches.
1 in 5 people                       | one in five people
"""

SYMBOLS = """
Tom & Jerry                         | Tom and Jerry
50%                                 | fifty percent
2 + 2 = 4                           | two plus two equals four
a@b.com                             | a at b dot com
john.doe@example.com                | john dot doe at example dot com
https://example.com/about           | example dot com slash about
#1                                  | number one
#timbre                             | hashtag timbre
5 > 3                               | five is greater than three
and/or                              | and or
3 × 4                               | three times four
±2                                  | plus or minus two
C++                                 | C plus plus
10-15%                              | ten to fifteen percent
costs in €                          | costs in euros
~50                                 | about fifty
A (short) break                     | A, short, break
"""

CAPITALS = """
STOP                                | stop
the FBI and the USA                 | the F B I and the U S A
I said NO                           | I said no
WAIT FOR ME                         | wait for me
THE FBI IS HERE                     | the F B I is here
NASA flew                           | Nasa flew
HTML and DVDs                       | H T M L and D V Ds
COVID-19                            | Covid nineteen
an MP3 of GPT-4                     | an M P three of G P T four
A plan I made                       | A plan I made
the iPhone and eBay                 | the iPhone and eBay
the UK's CEO                        | the U K's C E O
"""

CLASSES = {name: table for name, table in globals().items() if name.isupper() and isinstance(table, str)}
CASES = [
    pytest.param(*(side.strip() for side in line.split("|")), id=f"{name.lower()}: {line.split('|')[0].strip()}")
    for name, table in CLASSES.items()
    for line in table.strip().splitlines()
]


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_reading(written: str, spoken: str) -> None:
    assert normalise(written, "en") == spoken


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_reading_again_changes_nothing(written: str, spoken: str) -> None:
    assert normalise(spoken, "en") == spoken


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_reading_is_the_same_inside_a_sentence(written: str, spoken: str) -> None:
    inside = normalise(f"We read: {written}, and went on.", "en")
    assert inside == f"We read: {spoken.rstrip('.')}, and went on."


def test_ten_cases_of_each_class() -> None:
    assert all(len(table.strip().splitlines()) >= 10 for table in CLASSES.values())
