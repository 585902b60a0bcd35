/** Twelve grade-school problems for the demo. Written for this tool; every equation is plain `a * b = c`. */
import type { WorkedExample } from './text/worked-examples.ts';

export const demoProblems: readonly WorkedExample[] = [
  {
    question:
      'A ferry makes 7 crossings a day from Monday to Friday and 10 crossings a day at the weekend. On every crossing it can carry 24 cars. Last week it carried 1,050 cars. How many places for cars stayed empty that week?',
    solution:
      'There are 5 * 7 = 35 crossings from Monday to Friday and 2 * 10 = 20 at the weekend.\nThat is 35 + 20 = 55 crossings.\nThere was room for 55 * 24 = 1320 cars.\nSo 1320 - 1050 = 270 places stayed empty.',
    answer: 270,
  },
  {
    question:
      'Priya knits scarves. A long scarf needs 3 balls of wool and a short one needs 2. She has 40 balls and wants to knit 6 long scarves for her family. She then uses the wool that is left for short scarves and sells those for 14 dollars each. How many dollars does she get?',
    solution:
      'The long scarves need 6 * 3 = 18 balls.\nThere are 40 - 18 = 22 balls left.\nThey are enough for 22 / 2 = 11 short scarves.\nShe gets 11 * 14 = 154 dollars.',
    answer: 154,
  },
  {
    question:
      'A library lends every visitor up to 5 books. On Thursday 48 visitors came. A third of them borrowed the full number, 20 visitors borrowed 2 books each, and the others only brought books back. How many books were borrowed on Thursday?',
    solution:
      'A third of the visitors is 48 / 3 = 16.\nThey borrowed 16 * 5 = 80 books.\nThe 20 visitors borrowed 20 * 2 = 40 books.\nTogether that is 80 + 40 = 120 books.',
    answer: 120,
  },
  {
    question:
      'A cyclist rides from one town to the next, 54 kilometres away. For the first 2 hours she rides at 15 kilometres an hour. Then the wind turns against her and she does only 12 kilometres an hour. How many minutes does the whole ride take?',
    solution:
      'In the first 2 hours she rides 2 * 15 = 30 kilometres.\nThere remain 54 - 30 = 24 kilometres.\nAt 12 kilometres an hour they take 24 / 12 = 2 hours.\nThe ride takes 2 + 2 = 4 hours, which is 4 * 60 = 240 minutes.',
    answer: 240,
  },
  {
    question:
      'Omar is 4 times as old as his daughter. In 6 years the sum of their two ages will be 62. How old is Omar now?',
    solution:
      'Each of them will be 6 years older, so now the sum is 62 - 2 * 6 = 50.\nThe daughter counts once and Omar 4 times, which makes 1 + 4 = 5 equal parts.\nOne part is 50 / 5 = 10 years.\nOmar is 4 * 10 = 40 years old.',
    answer: 40,
  },
  {
    question:
      'A cinema has 18 rows of 22 seats. For the evening film, 25 percent of the seats stay free. Of the people who come, 97 are children who pay 6 dollars, and everyone else pays 9 dollars. How many dollars do the tickets bring in?',
    solution:
      'The cinema has 18 * 22 = 396 seats.\nA quarter of them stays free: 396 / 4 = 99.\nSo 396 - 99 = 297 people come.\nOf these 297 - 97 = 200 are not children.\nThe tickets bring in 97 * 6 + 200 * 9 = 2382 dollars.',
    answer: 2382,
  },
  {
    question:
      'A baker mixes 8 kilograms of flour with water and yeast. The water weighs 60 percent as much as the flour, and the yeast weighs 200 grams. He forms loaves of 650 grams each. How many loaves does he form?',
    solution:
      'The flour weighs 8 * 1000 = 8000 grams.\nThe water weighs 8000 * 0.6 = 4800 grams.\nThe dough weighs 8000 + 4800 + 200 = 13000 grams.\nThat gives 13000 / 650 = 20 loaves.',
    answer: 20,
  },
  {
    question:
      'Three friends pick apples. Ana picks twice as many as Ben, and Ben picks 15 more than Carla. Together they fill 5 crates with 33 apples in each crate. How many apples does Carla pick?',
    solution:
      'Together they pick 5 * 33 = 165 apples.\nIf Carla picks one part, Ben picks one part and 15, and Ana two parts and 2 * 15 = 30.\nThe apples beyond the equal parts are 15 + 30 = 45.\nThe 4 equal parts hold 165 - 45 = 120 apples.\nCarla picks 120 / 4 = 30 apples.',
    answer: 30,
  },
  {
    question:
      'A printer prints 28 pages a minute. A class of 26 pupils needs a booklet of 14 pages for each pupil and 2 more booklets for the teachers. After half of the pages the paper runs out, and it takes 5 minutes to bring more. How many minutes pass from the first page to the last?',
    solution:
      'There are 26 + 2 = 28 booklets.\nThey have 28 * 14 = 392 pages.\nPrinting takes 392 / 28 = 14 minutes.\nWith the break it takes 14 + 5 = 19 minutes.',
    answer: 19,
  },
  {
    question:
      'Yuki buys a used bicycle for 120 dollars. She pays 35 dollars for new tyres and half as much as the tyres cost, plus 2.50 dollars, for a lamp. Then she sells the bicycle for 30 percent more than she paid for the bicycle itself and both parts together, less 17.50 dollars for the advertisement. How many dollars does she have in her hand after the sale and the advertisement?',
    solution:
      'Half the price of the tyres is 35 / 2 = 17.50 dollars, so the lamp costs 17.50 + 2.50 = 20 dollars.\nAll in all she pays 120 + 35 + 20 = 175 dollars.\n30 percent of that is 175 * 0.3 = 52.50 dollars.\nThe price is 175 + 52.50 = 227.50 dollars.\nAfter the advertisement 227.50 - 17.50 = 210 dollars are left.',
    answer: 210,
  },
  {
    question:
      'A rectangular meadow is 60 metres long and 35 metres wide. A farmer puts a fence around it with a post every 5 metres. A post costs 7 dollars and a metre of fence costs 3 dollars. He leaves no gap for a gate. How many dollars does the fence with its posts cost?',
    solution:
      'Around the meadow it is 2 * (60 + 35) = 190 metres.\nThe fence costs 190 * 3 = 570 dollars.\nThere are 190 / 5 = 38 posts, because the last gap ends at the first post.\nThey cost 38 * 7 = 266 dollars.\nTogether that is 570 + 266 = 836 dollars.',
    answer: 836,
  },
  {
    question:
      'A swimming club has 96 members. Five eighths of them train on Tuesday, and 40 members train on Friday. 12 members train on both days. How many members train on neither day?',
    solution:
      'On Tuesday 96 / 8 * 5 = 60 members train.\nOn at least one of the two days it is 60 + 40 - 12 = 88 members.\nSo 96 - 88 = 8 members train on neither day.',
    answer: 8,
  },
];
