/** Words from which the generated catalogue is made: what such products are really called and said to do. */

export interface Domain {
  readonly category: string;
  readonly second: string;
  readonly objects: readonly string[];
  readonly tasks: readonly string[];
  readonly fields: readonly string[];
}

const list = (text: string) => text.split(',').map((s) => s.trim());

export const domains: readonly Domain[] = [
  {
    category: 'Computer Vision',
    second: 'Image',
    objects: list(
      'steel surfaces, printed circuit boards, license plates, pedestrians, hard hats, shelves, fruit, vehicles, rooftops, cracks, weeds, bottles, pallets, signatures, invoices, parcels, drones, faces, hands, textiles',
    ),
    tasks: list(
      'defect detection, segmentation, classification, object detection, counting, pose estimation, super resolution, anomaly inspection, tracking, recognition',
    ),
    fields: list('manufacturing, logistics, retail, agriculture, construction, traffic, robotics, packaging'),
  },
  {
    category: 'Natural Language Processing',
    second: 'Text',
    objects: list(
      'contracts, news articles, support tickets, product reviews, medical notes, patents, chat messages, resumes, court rulings, emails, tweets, insurance claims, manuals, tenders, survey answers, poems',
    ),
    tasks: list(
      'sentiment analysis, summarization, named entity recognition, topic modelling, translation, question answering, intent classification, keyword extraction, toxicity filtering, language identification, paraphrasing',
    ),
    fields: list(
      'legal, customer service, publishing, human resources, insurance, government, education, marketing',
    ),
  },
  {
    category: 'Speech Recognition',
    second: 'Audio',
    objects: list(
      'phone calls, podcasts, meetings, dictation, radio traffic, lectures, voice commands, courtroom recordings, interviews',
    ),
    tasks: list(
      'transcription, diarization, keyword spotting, accent identification, punctuation, speaker verification',
    ),
    fields: list('call centers, media, healthcare, aviation, automotive, accessibility'),
  },
  {
    category: 'Time Series',
    second: 'Structured',
    objects: list(
      'electricity demand, wind speed, river levels, spare parts, footfall, bond yields, solar output, bike rentals, hotel bookings, patient arrivals, freight rates, tides',
    ),
    tasks: list(
      'forecasting, nowcasting, change point detection, gap filling, seasonality analysis, early warning',
    ),
    fields: list('energy, utilities, retail, tourism, hospitals, shipping, finance'),
  },
  {
    category: 'Anomaly Detection',
    second: 'Structured',
    objects: list(
      'card payments, server logs, vibration sensors, login attempts, expense reports, network flows, turbine bearings, elevator doors, gas meters, claims',
    ),
    tasks: list(
      'fraud detection, outlier scoring, intrusion detection, predictive maintenance, drift monitoring',
    ),
    fields: list('banking, telecom, industry, security, railways, property'),
  },
  {
    category: 'Recommendation',
    second: 'Machine Learning',
    objects: list(
      'movies, groceries, songs, recipes, books, courses, hotels, outfits, news, jobs, games, restaurants',
    ),
    tasks: list(
      'ranking, recommendation, basket completion, next best offer, similarity search, cold start scoring',
    ),
    fields: list('streaming, commerce, travel, fashion, learning, recruiting'),
  },
  {
    category: 'Healthcare',
    second: 'Science',
    objects: list(
      'chest radiographs, retina scans, skin lesions, electrocardiograms, sleep studies, blood counts, pathology slides, protein sequences, dental images, ultrasound, gait recordings, lab results',
    ),
    tasks: list(
      'triage, screening, grading, risk prediction, segmentation, dose estimation, readmission prediction',
    ),
    fields: list('radiology, cardiology, dermatology, ophthalmology, oncology, intensive care'),
  },
  {
    category: 'Finance',
    second: 'Structured',
    objects: list(
      'loan applications, mortgages, invoices, equities, credit lines, tax returns, annual reports, merchants, leases, currencies',
    ),
    tasks: list(
      'credit scoring, churn prediction, default prediction, price estimation, categorization, risk rating',
    ),
    fields: list('lending, accounting, asset management, insurance, payments, leasing'),
  },
  {
    category: 'Science',
    second: 'Structured',
    objects: list(
      'iris flowers, penguins, galaxies, earthquakes, molecules, bird songs, soil samples, glaciers, wine, coral reefs, mushrooms, crystals, pollen, whales',
    ),
    tasks: list('species classification, property prediction, clustering, regression, detection, mapping'),
    fields: list('botany, astronomy, geology, chemistry, ecology, oceanography'),
  },
  {
    category: 'Video',
    second: 'Computer Vision',
    objects: list(
      'traffic cameras, sports matches, factory lines, drone footage, shop floors, rail crossings, classrooms',
    ),
    tasks: list(
      'action recognition, highlight extraction, counting, incident detection, stabilization, anonymization',
    ),
    fields: list('broadcast, safety, sports, smart cities, retail, rail'),
  },
];

export const methods = list(
  'gradient boosting, random forest, logistic regression, ResNet, EfficientNet, vision transformer, BERT, DistilBERT, LSTM, temporal convolution, autoencoder, U-Net, YOLO, wav2vec, conformer, matrix factorization, isolation forest, Gaussian process, graph network, k-nearest neighbours, support vectors, T5, ConvNeXt, MobileNet, XGBoost, LightGBM, CatBoost, prophet',
);

export const manners = list(
  'Fast, Compact, Explainable, Multilingual, Robust, Calibrated, Lightweight, Accurate, Adaptive, Edge, Hybrid, Streaming, Interpretable, Certified, Open',
);

export const sentences = [
  'Trained on {count} thousand labelled examples of {object} that were collected in {field}.',
  'The model answers one request in a few milliseconds on a single processor, so that it fits into an interactive application.',
  'Accuracy on held-out data is {percent} percent; the confusion matrix is part of the documentation.',
  'Input is checked for missing values and for units before it reaches the network.',
  'It has been used for {task} by teams in {field} and by researchers who compare it with {method}.',
  'Retraining happens every quarter and earlier versions stay available to those who rely on them.',
  'Scores are calibrated, so that a probability of 0.9 means nine correct answers out of ten.',
  'The architecture is based on {method} with a small head for {task}.',
  'Batches of several hundred records are answered together, which saves cost when {object} arrive in bursts.',
  'Known limits are listed openly: results degrade for {object} that differ much from the training data.',
  'No personal data is stored, and every answer carries the version that produced it.',
  'An example notebook shows how to prepare {object}, call the endpoint and read the result.',
] as const;

const onsets = list('b,br,c,cr,d,dr,f,fl,g,gl,h,j,k,l,m,n,p,pr,qu,r,s,st,t,tr,v,w,x,z,sh,th');
const vowels = list('a,e,i,o,u,ai,ea,io,ou,y');
const endings = list('n,x,ra,lo,tis,via,go,m,s,rn,dex,ly,nt,qa,ro');

/** A made-up brand: products and publishers have names that are in no dictionary, and so has the catalogue. */
export const brand = (pick: <T>(from: readonly T[]) => T, syllables: number): string => {
  let name = '';
  for (let i = 0; i < syllables; i++) name += pick(onsets) + pick(vowels);
  name += pick(endings);
  return name.charAt(0).toUpperCase() + name.slice(1);
};
