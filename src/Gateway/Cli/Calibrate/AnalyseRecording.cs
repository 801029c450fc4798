using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Alignment.Calibration;
using Gateway.Files;

namespace Gateway.Cli.Calibrate;

/// <summary><c>calibrate analyse</c>: from a file to delays.</summary>
internal static class AnalyseRecording
{
    private const double LongSeconds = 300;

    /// <param name="ProbeFolder">What <c>calibrate probe</c> wrote.</param>
    /// <param name="Recording">Of the place where the speakers are to be in time.</param>
    /// <param name="SecondRecording">Of another place; null: there is none.</param>
    /// <param name="MetresMoved">From the one to the other.</param>
    public sealed record Request(string ProbeFolder, string Recording, string? SecondRecording, double MetresMoved, bool Json);

    public static int Run(Request request, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            var set = ProbeFiles.Read(request.ProbeFolder);
            var (result, sampleRate) = Measure(request.Recording, set, request.Json ? null : error, cancellationToken);
            if (request.SecondRecording is { } second)
                result = SecondPlace.Confirm(result, Measure(second, set, request.Json ? null : error, cancellationToken).Result, request.MetresMoved);
            if (request.Json) output.WriteLine(ToJson(result, sampleRate));
            else WriteText(result, output);
            return result.IsAccepted ? ExitCodes.Fine : ExitCodes.MeasurementRejected;
        }
        catch (UnreadableException no)
        {
            error.WriteLine(no.Message.TrimEnd());
            return ExitCodes.UsageOrConfiguration;
        }
    }

    /// <exception cref="UnreadableException">It is no recording.</exception>
    private static (CalibrationResult Result, int SampleRate) Measure(string path, ProbeSet set, TextWriter? progress, CancellationToken cancellationToken)
    {
        try
        {
            using var recording = WavRecording.Open(path);
            var seconds = (double)recording.Frames / recording.SampleRate;
            if (seconds > LongSeconds) progress?.WriteLine($"{path} is {seconds / 60:0} minutes long: looking for the probes in it takes up to a few minutes.");
            var result = CalibrationAnalysis.Analyse(recording, set, cancellationToken);
            return result.Rejection == CalibrationRejection.Invalid ? throw new UnreadableException($"{path}: {result.Explanation}", "") : (result, recording.SampleRate);
        }
        catch (IOException gone)
        {
            throw new UnreadableException($"{path} could not be read to its end: {gone.Message.TrimEnd('.')}.", "Copy it to this machine and try again.");
        }
    }

    private static void WriteText(CalibrationResult result, TextWriter output)
    {
        if (result.SkewPpm is { } skew) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The recorder's clock is {Math.Abs(skew):0.0} ppm {(skew < 0 ? "slow" : "fast")}; this is taken out."));
        if (result.Speakers.All(speaker => !speaker.IsAccepted && speaker.Explanation == result.Explanation))
        {
            output.WriteLine($"Nothing was measured ({ReasonOf(result.Rejection)}). {result.Explanation}");
            return;
        }

        foreach (var speaker in result.Speakers)
        {
            output.WriteLine(speaker.DelayUs is { } delay
                ? string.Create(CultureInfo.InvariantCulture, $"speaker {speaker.Speaker + 1,-2}  delay {delay / 1000,9:0.000} ms  quality {speaker.Quality,6:0.0}{(speaker.IsDirectSoundWeak ? $"  {speaker.Explanation}" : "")}")
                : $"speaker {speaker.Speaker + 1,-2}  rejected ({ReasonOf(speaker.Rejection)}). {speaker.Explanation}");
        }
    }

    private static string ToJson(CalibrationResult result, int sampleRate)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteNumber(json, "skew_ppm", result.SkewPpm, 3);
            json.WriteNumber("sample_rate", sampleRate);
            json.WriteStartArray("speakers");
            foreach (var speaker in result.Speakers) Write(json, speaker);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, SpeakerArrival speaker)
    {
        // The file's first sample, not the probe's that lies behind the faint noise.
        var arrivalUs = speaker.ArrivalUs - 1e6 * ProbeSet.LeadInFrames / ProbeSet.SampleRate;
        json.WriteStartObject();
        json.WriteNumber("speaker", speaker.Speaker + 1);
        WriteNumber(json, "arrival_ms", arrivalUs / 1000, 4);
        WriteNumber(json, "relative_ms", speaker.RelativeUs / 1000, 4);
        WriteNumber(json, "delay_ms", speaker.DelayUs / 1000, 4);
        WriteNumber(json, "quality", speaker.Quality, 2);
        WriteNumber(json, "direct_ratio", speaker.DirectRatio, 3);
        json.WriteBoolean("accepted", speaker.IsAccepted);
        json.WriteString("reason", speaker.IsAccepted ? null : ReasonOf(speaker.Rejection));
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value, int digits)
    {
        // Adding 0 makes -0 a 0.
        if (value is { } number) json.WriteNumber(name, Math.Round(number, digits) + 0.0);
        else json.WriteNull(name);
    }

    private static string ReasonOf(CalibrationRejection rejection) => JsonNamingPolicy.SnakeCaseLower.ConvertName(rejection.ToString());
}
