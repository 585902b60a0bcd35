// C-Eval, 52 subjects of exam questions in Chinese: the bare question. With --merge-ds they are one task.
import { defineDatasets } from 'ais-bench';

/** Take out what you do not need. */
export const subjects = [
  'computer_network',
  'operating_system',
  'computer_architecture',
  'college_programming',
  'college_physics',
  'college_chemistry',
  'advanced_mathematics',
  'probability_and_statistics',
  'discrete_mathematics',
  'electrical_engineer',
  'metrology_engineer',
  'high_school_mathematics',
  'high_school_physics',
  'high_school_chemistry',
  'high_school_biology',
  'middle_school_mathematics',
  'middle_school_biology',
  'middle_school_physics',
  'middle_school_chemistry',
  'veterinary_medicine',
  'college_economics',
  'business_administration',
  'marxism',
  'mao_zedong_thought',
  'education_science',
  'teacher_qualification',
  'high_school_politics',
  'high_school_geography',
  'middle_school_politics',
  'middle_school_geography',
  'modern_chinese_history',
  'ideological_and_moral_cultivation',
  'logic',
  'law',
  'chinese_language_and_literature',
  'art_studies',
  'professional_tour_guide',
  'legal_professional',
  'high_school_chinese',
  'high_school_history',
  'middle_school_history',
  'civil_servant',
  'sports_science',
  'plant_protection',
  'basic_medicine',
  'clinical_medicine',
  'urban_and_rural_planner',
  'accountant',
  'fire_engineer',
  'environmental_impact_assessment_engineer',
  'tax_accountant',
  'physician',
];

export const datasets = defineDatasets(
  subjects.map((name) => ({
    abbr: `ceval-${name}`, // name of the result files
    type: 'ceval', // a folder with val/NAME_val.csv and, for examples, dev/NAME_dev.csv
    path: 'ais_bench/datasets/ceval/formal_ceval', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    name, // the subject
    template: '{question}', // the columns are question, A, B, C, D and answer
    test_range: '', // rows of each subject to use, e.g. '[0:10]'; empty: all
  })),
);
