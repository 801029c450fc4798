using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Calibration;

namespace Gateway.Benchmarks.Alignment;

/// <summary>How one recording of S1-S5 is made.</summary>
internal sealed record EstimatorSetup(
    int Scenario, double SnrDb, double Rt60 = 0.5, int Speakers = 1, int ProbeLength = 1 << 17, double BlockedDb = 0, double ReadPpm = 0);

/// <summary>S1-S5 of docs/measuring.md §6: the estimator in rooms.</summary>
internal static class EstimatorScenarios
{
    private const double MaxLatency = 0.3;
    private const double GrossUs = 1_000;
    private const double SamplesToUs = 1e6 / Probe.SampleRate;

    public static ScenarioResult S1(double rt60, int trials) => Judge($"S1-rt60-{rt60}", trials, Run(new(1, 10, rt60), trials), PassSingle);

    public static ScenarioResult S2(double snr, int trials) => Judge($"S2-{snr}dB", trials, Run(new(2, snr), trials), PassSingle);

    public static ScenarioResult S2N(int trials) => Judge("S2n", trials, Run(new(2, -20), trials),
        (errors, accepted) => accepted.All(error => Math.Abs(error) <= 100) && accepted.Length >= 0.5 * errors.Length, acceptedOnly: true);

    public static ScenarioResult S3(int speakers, int trials) => Judge($"S3-{speakers}", trials, Run(new(3, 10, Speakers: speakers), trials),
        (errors, accepted) => P95(errors) <= 40 && GrossShare(errors) <= 0.02 && GrossShare(accepted) == 0 && accepted.Length >= 0.9 * errors.Length);

    public static ScenarioResult S3X(int trials) => Judge("S3x", trials, Run(new(3, 10, Speakers: 16, ProbeLength: 1 << 18), trials),
        (errors, accepted) => GrossShare(accepted) == 0 && accepted.Length >= 0.6 * errors.Length, acceptedOnly: true);

    /// <param name="blockedDb">-18 dB is for information: a path so blocked cannot be seen from one place.</param>
    public static ScenarioResult S4(double blockedDb, int trials) => Judge($"S4-{blockedDb}dB", trials, Run(new(4, 10, BlockedDb: blockedDb), trials),
        (errors, accepted) => blockedDb switch
        {
            <= 6 => P95(errors) <= 40,
            <= 12 => P95(errors) <= 60 && GrossShare(errors) <= 0.04,
            _ => true,
        });

    public static ScenarioResult S5(double ppm, int trials) => Judge($"S5-{ppm}ppm", trials, Run(new(5, 10, ReadPpm: ppm), trials),
        (errors, accepted) => ppm <= 20 ? P95(errors) <= 40 : GrossShare(accepted) == 0, acceptedOnly: ppm > 20);

    private static bool PassSingle(double[] errors, double[] accepted)
    {
        var median = Statistics.Median(errors);
        return P95(errors) <= 40 && P95(errors.Select(error => error - median)) <= 20 && GrossShare(errors) == 0;
    }

    private static double P95(IEnumerable<double> errors) => Statistics.Percentile(errors.Select(Math.Abs), 0.95);

    private static double GrossShare(double[] errors) => errors.Length == 0 ? 0 : (double)errors.Count(error => Math.Abs(error) > GrossUs) / errors.Length;

    private static ScenarioResult Judge(
        string name, int trials, (double[] Errors, double[] Accepted) run, Func<double[], double[], bool> pass, bool acceptedOnly = false)
    {
        var (errors, accepted) = run;
        var median = Statistics.Median(errors);
        var judged = acceptedOnly ? accepted : errors;
        return new ScenarioResult(
            name, trials, Statistics.Median(judged.Select(Math.Abs)), P95(judged), GrossShare(errors),
            accepted.Count(error => Math.Abs(error) > GrossUs), (double)accepted.Length / errors.Length, pass(errors, accepted),
            [("p95_all_us", P95(errors)), ("p95_accepted_us", P95(accepted)), ("p95_minus_median_us", P95(errors.Select(error => error - median)))]);
    }

    private static (double[] Errors, double[] Accepted) Run(EstimatorSetup setup, int trials)
    {
        var fftLength = setup.ProbeLength * 2;
        var estimator = new ArrivalEstimator(fftLength);
        var recording = new RoomRecording(fftLength);
        var probes = Enumerable.Range(0, setup.Speakers).Select(code => Probe.Create(code, setup.ProbeLength)).ToArray();
        var spectra = probes.Select(probe => estimator.Prepare(probe)).ToArray();
        var (errors, accepted) = (new List<double>(), new List<double>());
        for (var trial = 0; trial < trials; trial++)
        {
            var rooms = Record(recording, setup, probes, trial);
            estimator.Load(setup.ReadPpm == 0 ? recording.ToSingle() : SkewedRecorder.Read(recording.ToSingle(), 1 + setup.ReadPpm * 1e-6));
            for (var k = 0; k < rooms.Length; k++)
            {
                var estimate = estimator.Estimate(spectra[k], 0, (int)((MaxLatency + 0.05) * Probe.SampleRate));
                var error = (estimate.ArrivalSamples - rooms[k].ArrivalSamples / (1 + setup.ReadPpm * 1e-6)) * SamplesToUs;
                errors.Add(error);
                if (estimate.IsAccepted)
                    accepted.Add(error);
            }
        }

        return ([.. errors], [.. accepted]);
    }

    private static Room[] Record(RoomRecording recording, EstimatorSetup setup, float[][] probes, int trial)
    {
        recording.Clear();
        var rooms = new Room[setup.Speakers];
        for (var k = 0; k < rooms.Length; k++)
        {
            rooms[k] = Room.Create(Seed(1_000_003, setup.Scenario, 1_009, trial, k), setup.Rt60, MaxLatency, setup.BlockedDb);
            recording.Play(probes[k], rooms[k], rooms.Length == 1 ? 1 : RandomGain(setup.Scenario, trial, k));
        }

        recording.AddNoise((ulong)(5_000_011 * setup.Scenario + 17 * trial), recording.LoudestPower * Math.Pow(10, -setup.SnrDb / 10));
        return rooms;
    }

    private static double RandomGain(int scenario, int trial, int speaker) =>
        Math.Pow(10, (12 * new SplitMix64(Seed(900_001, scenario, 31, trial, speaker)).NextUniform() - 6) / 20);

    private static ulong Seed(int perScenario, int scenario, int perTrial, int trial, int speaker) =>
        (ulong)perScenario * (ulong)scenario + (ulong)perTrial * (ulong)trial + (ulong)speaker;
}
