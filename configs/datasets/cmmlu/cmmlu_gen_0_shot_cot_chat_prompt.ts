// CMMLU, questions with four choices in 67 subjects, to be thought through first. With --merge-ds they are one task.
import { defineDatasets } from 'ais-bench';

/** Take out what you do not need. */
export const subjects = [
  'agronomy',
  'anatomy',
  'ancient_chinese',
  'arts',
  'astronomy',
  'business_ethics',
  'chinese_civil_service_exam',
  'chinese_driving_rule',
  'chinese_food_culture',
  'chinese_foreign_policy',
  'chinese_history',
  'chinese_literature',
  'chinese_teacher_qualification',
  'clinical_knowledge',
  'college_actuarial_science',
  'college_education',
  'college_engineering_hydrology',
  'college_law',
  'college_mathematics',
  'college_medical_statistics',
  'college_medicine',
  'computer_science',
  'computer_security',
  'conceptual_physics',
  'construction_project_management',
  'economics',
  'education',
  'electrical_engineering',
  'elementary_chinese',
  'elementary_commonsense',
  'elementary_information_and_technology',
  'elementary_mathematics',
  'ethnology',
  'food_science',
  'genetics',
  'global_facts',
  'high_school_biology',
  'high_school_chemistry',
  'high_school_geography',
  'high_school_mathematics',
  'high_school_physics',
  'high_school_politics',
  'human_sexuality',
  'international_law',
  'journalism',
  'jurisprudence',
  'legal_and_moral_basis',
  'logical',
  'machine_learning',
  'management',
  'marketing',
  'marxist_theory',
  'modern_chinese',
  'nutrition',
  'philosophy',
  'professional_accounting',
  'professional_law',
  'professional_medicine',
  'professional_psychology',
  'public_relations',
  'security_study',
  'sociology',
  'sports_science',
  'traditional_chinese_medicine',
  'virology',
  'world_history',
  'world_religions',
];

export const datasets = defineDatasets(
  subjects.map((name) => ({
    abbr: `cmmlu-${name}`, // name of the result files
    type: 'cmmlu', // a folder with test/NAME.csv
    path: 'ais_bench/datasets/cmmlu', // relative to AIS_BENCH_DATASETS_CACHE or the working directory
    name, // the subject
    // The columns are question, A, B, C, D and answer.
    template: [
      {
        role: 'HUMAN', // or SYSTEM, BOT
        // the text of this turn
        prompt: '{question}\nA. {A}\nB. {B}\nC. {C}\nD. {D}\n请先逐步思考，最后一行写出“答案：”和所选字母。',
      },
    ],
    test_range: '', // rows of each subject to use, e.g. '[0:10]'; empty: all
  })),
);
