-- A believable site for the embedded database: a waterworks with 8 systems, 6 employees and 60 tasks in all statuses.
-- Due dates lie around today in the time zone of the setting taskfeed.site_timezone; nothing here is needed to work.

insert into public.systems (name, location, description, contact_name, phone, email) values
  ('Intake pump P1',        'Pump hall, bay 1',        'Vertical turbine pump, 250 kW, built 2014.',            'Control room',   '+1 555 0110', 'control@harbour-water.example'),
  ('Intake pump P2',        'Pump hall, bay 2',        'Vertical turbine pump, 250 kW, built 2019.',            'Control room',   '+1 555 0110', 'control@harbour-water.example'),
  ('Boiler 2',              'Boiler house',            'Gas boiler for the digester loop, 1.2 MW.',             'Priya Raman',    '+1 555 0123', 'priya@harbour-water.example'),
  ('Chlorine dosing',       'Dosing building, door C', 'Two dosing lines with leak detection. Mask on.',        'Safety office',  '+1 555 0199', 'safety@harbour-water.example'),
  ('Compressed air',        'Workshop annex',          'Screw compressor and dryer, 8 bar.',                    'Workshop',       '+1 555 0134', null),
  ('Emergency generator',   'Yard, container G',       'Diesel, 800 kVA. Test run every Monday.',               'Control room',   '+1 555 0110', 'control@harbour-water.example'),
  ('Filter gallery',        'Building F, level -1',    'Twelve rapid sand filters with backwash.',              'Lab',            '+1 555 0151', 'lab@harbour-water.example'),
  ('Office building',       'Main gate',               'Lifts, heating, lights, fire doors.',                   'Reception',      '+1 555 0100', 'desk@harbour-water.example');

insert into public.employees (name, phone, position, language) values
  ('Dana Levi',       '+1 555 0201', 'Electrician',           'he'),
  ('Marcus Webb',     '+1 555 0202', 'Mechanic, pumps',       'en'),
  ('Ana Souza',       '+1 555 0203', 'Process technician',    'en'),
  ('Tomasz Nowak',    '+1 555 0204', 'Mechanic, boilers',     'en'),
  ('Noa Ben-David',   '+1 555 0205', 'Instrumentation',       'he'),
  ('Leila Haddad',    '+1 555 0206', 'Facilities',            null);

with today as (
  select date_trunc('day', now() at time zone coalesce(nullif(current_setting('taskfeed.site_timezone', true), ''), 'UTC')) as midnight,
         coalesce(nullif(current_setting('taskfeed.site_timezone', true), ''), 'UTC') as zone
), plan (title, system, employee, priority, status, due_hours, note) as (values
  -- overdue
  ('Replace mechanical seal, drive end',              'Intake pump P1',      'Marcus Webb',   'urgent',   'in_progress',      -52, 'Seal is on the bench, waiting for the O-ring set.'),
  ('Leak on flange below check valve',                'Intake pump P2',      'Marcus Webb',   'urgent',   'received',         -20, null),
  ('Chlorine sensor 2 drifts, recalibrate',           'Chlorine dosing',     'Noa Ben-David', 'urgent',   'sent',              -6, null),
  ('Burner trips on low gas pressure',                'Boiler 2',            'Tomasz Nowak',  'urgent',   'pending_approval', -30, 'Regulator cleaned and set to 22 mbar. Ran four hours without a trip.'),
  ('Fire door at stair B does not close',             'Office building',     'Leila Haddad',  'urgent',   'sent',             -26, null),
  ('Dryer shows high dew point',                      'Compressed air',      'Ana Souza',     'normal',   'in_progress',      -75, 'Drain valve was stuck. Watching it until tomorrow.'),
  ('Filter 7: backwash valve stays half open',        'Filter gallery',      'Ana Souza',     'normal',   'not_completed',    -98, 'Actuator is beyond repair, needs a new one from stores.'),
  ('Grease fan bearings, air handler 1',              'Office building',     'Leila Haddad',  'optional', 'sent',            -120, null),
  -- today
  ('Weekly test run under load, 30 min',              'Emergency generator', 'Dana Levi',     'normal',   'in_progress',        9, null),
  ('Read vibration values, both bearings',            'Intake pump P1',      'Marcus Webb',   'normal',   'received',          10, null),
  ('Top up coolant and check hoses',                  'Emergency generator', 'Dana Levi',     'normal',   'sent',              11, null),
  ('Change duty pump to line B',                      'Chlorine dosing',     'Ana Souza',     'urgent',   'sent',              11, null),
  ('Backwash filters 3 and 4 by hand',                'Filter gallery',      'Ana Souza',     'normal',   'received',          12, null),
  ('Take water samples F1 to F6',                     'Filter gallery',      'Ana Souza',     'normal',   'completed',          8, 'Samples in the lab at 08:40.'),
  ('Check expansion vessel pressure',                 'Boiler 2',            'Tomasz Nowak',  'normal',   'pending_approval',  13, '1.5 bar, topped up to 1.8.'),
  ('Replace lamp in control cabinet MCC3',            'Intake pump P2',      'Dana Levi',     'optional', 'sent',              14, null),
  ('Show the fire inspector around',                  'Office building',     'Leila Haddad',  'urgent',   'received',          14, null),
  ('Zero the flow meter after filter change',         'Filter gallery',      'Noa Ben-David', 'normal',   'sent',              15, null),
  ('Blow down condensate traps',                      'Compressed air',      'Tomasz Nowak',  'optional', 'sent',              16, null),
  ('Walk the pump hall, listen, note anything odd',   'Intake pump P2',      'Marcus Webb',   'normal',   'draft',             16, null),
  -- tomorrow and this week
  ('Exchange drive belt, cooling fan',                'Compressed air',      'Tomasz Nowak',  'normal',   'sent',              33, null),
  ('Inspect impeller by endoscope',                   'Intake pump P2',      'Marcus Webb',   'normal',   'sent',              34, null),
  ('Test leak alarm chain, call control room first',  'Chlorine dosing',     'Noa Ben-David', 'urgent',   'sent',              35, null),
  ('Clean strainer baskets',                          'Intake pump P1',      'Marcus Webb',   'normal',   'draft',             36, null),
  ('Lift: yearly inspection, be there at 10',         'Office building',     'Leila Haddad',  'normal',   'received',          34, null),
  ('Sweep chimney and log draught',                   'Boiler 2',            'Tomasz Nowak',  'normal',   'sent',              57, null),
  ('Calibrate turbidity meters',                      'Filter gallery',      'Noa Ben-David', 'normal',   'sent',              58, null),
  ('Torque check on busbar joints',                   'Emergency generator', 'Dana Levi',     'normal',   'draft',             59, null),
  ('Order spare actuator for filter 7',               'Filter gallery',      null,            'urgent',   'draft',             40, null),
  ('Repaint floor markings, bay 1',                   'Intake pump P1',      null,            'optional', 'draft',             80, null),
  ('Replace UPS batteries, server room',              'Office building',     'Dana Levi',     'normal',   'sent',              82, null),
  ('Oil sample for analysis',                         'Compressed air',      'Marcus Webb',   'normal',   'sent',              84, null),
  ('Descale plate heat exchanger',                    'Boiler 2',            'Tomasz Nowak',  'normal',   'draft',            106, null),
  ('Update the valve tag list',                       'Filter gallery',      'Ana Souza',     'optional', 'draft',            108, null),
  ('Refuel the tank to 90 %',                         'Emergency generator', 'Leila Haddad',  'normal',   'sent',             110, null),
  ('Replace safety shower cartridge',                 'Chlorine dosing',     'Ana Souza',     'urgent',   'received',          60, null),
  -- later
  ('Thermography of all switchboards',                'Office building',     'Dana Levi',     'normal',   'draft',            250, null),
  ('Overhaul check valve, spare in stores',           'Intake pump P1',      'Marcus Webb',   'normal',   'draft',            300, null),
  ('Refill sand, filter 11',                          'Filter gallery',      'Ana Souza',     'normal',   'draft',            340, null),
  ('Winter check of trace heating',                   'Intake pump P2',      'Dana Levi',     'normal',   'sent',             200, null),
  ('Replace pressure relief valve',                   'Boiler 2',            'Tomasz Nowak',  'urgent',   'draft',            220, null),
  ('Quarterly report of downtime',                    null,                  null,            'optional', 'draft',            400, null),
  -- without a due date
  ('Label the new cable trays',                       'Office building',     'Leila Haddad',  'optional', 'draft',           null, null),
  ('Find out why P2 draws 6 A more than P1',          'Intake pump P2',      'Noa Ben-David', 'normal',   'in_progress',     null, 'Phase L2 differs. Measuring again at night.'),
  ('Tidy up the oil store',                           'Compressed air',      null,            'optional', 'draft',           null, null),
  ('Write a start-up sheet for the night shift',      'Boiler 2',            'Tomasz Nowak',  'normal',   'not_completed',   null, 'Needs the new burner manual, which is not here yet.'),
  ('Door contact at dosing building sticks',          'Chlorine dosing',     'Noa Ben-David', 'normal',   'sent',            null, null),
  ('Collect old batteries for disposal',              'Emergency generator', 'Dana Levi',     'optional', 'received',        null, null),
  -- done
  ('Tighten gland packing',                           'Intake pump P2',      'Marcus Webb',   'normal',   'completed',        -28, 'Drips once in ten seconds, as it should.'),
  ('Exchange air filter',                             'Emergency generator', 'Dana Levi',     'normal',   'completed',        -30, null),
  ('Repair heating in the canteen',                   'Office building',     'Leila Haddad',  'urgent',   'completed',        -31, 'Thermostat replaced.'),
  ('Test chlorine mask filters',                      'Chlorine dosing',     'Ana Souza',     'urgent',   'completed',        -50, null),
  ('Clean burner nozzle',                             'Boiler 2',            'Tomasz Nowak',  'normal',   'completed',        -54, null),
  ('Replace pressure gauge, line 3',                  'Compressed air',      'Noa Ben-David', 'normal',   'completed',        -76, null),
  ('Filter 2: replace nozzle plate bolts',            'Filter gallery',      'Ana Souza',     'normal',   'completed',        -77, 'Two bolts were missing, M12 A4.'),
  ('Align coupling after motor change',               'Intake pump P1',      'Marcus Webb',   'urgent',   'completed',        -99, '0.03 mm, within limits.'),
  ('Replace exit sign, stair A',                      'Office building',     'Leila Haddad',  'normal',   'completed',       -101, null),
  ('Check earth leakage relays',                      'Emergency generator', 'Dana Levi',     'normal',   'completed',       -122, null),
  ('Flush sample lines',                              'Filter gallery',      'Noa Ben-David', 'optional', 'completed',       -124, null),
  ('Drain and inspect receiver',                      'Compressed air',      'Tomasz Nowak',  'normal',   'completed',       -170, null)
)
insert into public.tasks (title, system_id, employee_id, priority, status, due_at, note, created_at, sent_at, acknowledged_at, completed_at)
select p.title, s.id, e.id, p.priority, p.status,
       (t.midnight + make_interval(hours => p.due_hours)) at time zone t.zone,
       p.note,
       now() - interval '9 days',
       case when p.status <> 'draft' then now() - interval '8 days' end,
       case when p.status not in ('draft', 'sent') then now() - interval '7 days' end,
       case when p.status = 'completed' then least(now() - interval '20 minutes', (t.midnight + make_interval(hours => p.due_hours)) at time zone t.zone) end
from (select plan.*, row_number() over () as place from plan) p
cross join today t
left join public.systems s on s.name = p.system
left join public.employees e on e.name = p.employee
order by p.place;
