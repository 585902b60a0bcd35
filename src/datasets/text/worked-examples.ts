/**
 * Four worked examples that are put before a question (4-shot chain of thought). Written for this tool.
 * Their length is part of the product: with a question of ordinary length the prompt has about 1,500 tokens, as in AISBench's tasks of that name.
 * Every equation is plain `a * b = c`, so that a test can recompute it.
 */

export interface WorkedExample {
  question: string;
  /** The way to the answer, one step a line. */
  solution: string;
  answer: number;
}

export const workedExamples: readonly WorkedExample[] = [
  {
    question:
      'A school takes 84 pupils and 6 teachers to a nature reserve. They travel in minibuses that hold 15 people each, and every minibus costs 45 dollars for the day. Entry is 4 dollars for a pupil and 9 dollars for a teacher, but the reserve lets one teacher in free of charge for every full group of 40 pupils. How many dollars does the whole trip cost?',
    solution: [
      'The number of people who travel is 84 + 6 = 90.',
      'Each minibus holds 15 people, so the school needs 90 / 15 = 6 minibuses.',
      'The minibuses together cost 6 * 45 = 270 dollars.',
      'Next comes the entry for the pupils, which is 84 * 4 = 336 dollars.',
      'For the teachers I have to know how many of them get in free. Two full groups of 40 make 2 * 40 = 80 pupils, and a third group would need 3 * 40 = 120 pupils, which is more than the school brings.',
      'So 2 teachers get in free, and 6 - 2 = 4 teachers have to pay.',
      'Their entry is 4 * 9 = 36 dollars.',
      'Together that is 270 + 336 + 36 = 642 dollars.',
    ].join('\n'),
    answer: 642,
  },
  {
    question:
      'Tomas has a small bakery stall. On Saturday he bakes 12 trays of rolls with 16 rolls on each tray. A quarter of the rolls goes to a café that pays 0.35 dollars a roll. At the stall he sells two thirds of the remaining rolls for 0.60 dollars each, and just before closing time he sells all that is left at half that price. Flour, electricity and the stall together cost him 38.80 dollars. How many dollars of profit does he make that day?',
    solution: [
      'The number of rolls he bakes is 12 * 16 = 192.',
      'A quarter of them goes to the café: 192 / 4 = 48 rolls.',
      'The café pays 48 * 0.35 = 16.80 dollars for them.',
      'For the stall there remain 192 - 48 = 144 rolls.',
      'One third of these is 144 / 3 = 48, so two thirds are 2 * 48 = 96 rolls, which he sells at the full price.',
      'At 0.60 dollars each they bring in 96 * 0.60 = 57.60 dollars.',
      'Then there are 144 - 96 = 48 rolls left before closing time.',
      'Half the price is 0.60 / 2 = 0.30 dollars, so the last rolls bring in 48 * 0.30 = 14.40 dollars.',
      'Altogether he takes in 16.80 + 57.60 + 14.40 = 88.80 dollars.',
      'Profit is what he takes in less what he spends: 88.80 - 38.80 = 50 dollars.',
    ].join('\n'),
    answer: 50,
  },
  {
    question:
      'A water tank on a farm holds 900 litres. At 7 in the morning it is one third full. From then on a pump brings in 75 litres every hour, while a hose that waters the garden takes out 20 litres every hour. At 11 the farmer sees that this is too slow: he leaves the hose running, but he switches on a second pump that brings in another 40 litres every hour. How many hours after 7 in the morning is the tank full?',
    solution: [
      'At 7 in the morning the tank holds 900 / 3 = 300 litres.',
      'Until 11 the level rises every hour by what the pump brings less what the hose takes: 75 - 20 = 55 litres.',
      'From 7 to 11 there are 11 - 7 = 4 hours, and in that time the tank gains 4 * 55 = 220 litres.',
      'So at 11 it holds 300 + 220 = 520 litres.',
      'A full tank holds 900 litres, so what is missing then is 900 - 520 = 380 litres.',
      'With the second pump the level rises every hour by 55 + 40 = 95 litres.',
      'To gain what is missing takes 380 / 95 = 4 hours.',
      'I add both stretches of time: 4 + 4 = 8 hours after 7 in the morning, which is 3 in the afternoon.',
    ].join('\n'),
    answer: 8,
  },
  {
    question:
      'Lena and her brother Jonas want to buy a tent that costs 260 dollars, and they already have 44 dollars in a jar. Lena mows 5 lawns a week for 12 dollars each, and Jonas helps in a shop for 6 hours a week at 8 dollars an hour. Every week they put 25 percent of what the two of them earn into the jar, and for every 3 dollars that they put in, their grandmother adds 1 dollar. How many weeks does it take until they can buy the tent?',
    solution: [
      'First I work out by how much the jar grows in a single week. Lena earns 5 * 12 = 60 dollars a week.',
      'Jonas earns 6 * 8 = 48 dollars a week.',
      'Together that is 60 + 48 = 108 dollars a week.',
      '25 percent is a quarter, so they put 108 / 4 = 27 dollars into the jar every week.',
      'Their grandmother adds 1 dollar for every 3 dollars, which makes 27 / 3 = 9 dollars.',
      'The jar therefore grows by 27 + 9 = 36 dollars a week.',
      'The 44 dollars that are already in the jar count as well, so they still need 260 - 44 = 216 dollars.',
      'At 36 dollars a week this takes 216 / 36 = 6 weeks.',
    ].join('\n'),
    answer: 6,
  },
];
