using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Gateway.Alignment.Calibration;
using Gateway.Cli.Client;

namespace Gateway.Cli.Calibrate;

/// <summary><c>tutti calibrate</c>: with any recorder (<c>probe</c>, then <c>analyse</c>), or with a running gateway's microphone (<c>GROUP</c>).</summary>
internal static class CalibrateCommand
{
    public static Command Create() => Group(new Command("calibrate", "Measure by how much each speaker must be delayed. `calibrate GROUP`: a playing group of the running gateway, by id or name, with the gateway's microphone (audio.microphone). `calibrate probe` and `calibrate analyse`: any speakers, with any recorder")
    {
        Probe(),
        Analyse(),
    });

    private static Command Group(Command command)
    {
        // Hidden, or the help of probe and analyse would ask for it too.
        var group = new Argument<string?>("GROUP") { Arity = ArgumentArity.ZeroOrOne, Hidden = true };
        var config = ClientCommand.Config();
        var broker = ClientCommand.Broker();
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout: the gateway's answer" };
        command.Add(group);
        command.Add(config);
        command.Add(broker);
        command.Add(json);
        command.SetAction((parsed, cancellationToken) => GroupCalibration.RunAsync(
            new GroupCalibration.Request(parsed.GetValue(group), parsed.GetValue(config), parsed.GetValue(json), parsed.GetValue(broker)), ClientCommand.TerminalOf(parsed), cancellationToken));
        return command;
    }

    private static Command Probe()
    {
        var speakers = new Option<int>("--speakers") { Description = "How many speakers play, 1 to 16", HelpName = "N", Required = true };
        var folder = new Option<string>("--out") { Description = "Where to write; made when it is not there", HelpName = "DIR", Required = true };
        var probes = new Option<int>("--probes") { Description = "2, or 3 where two might disagree: 10 s longer, the third decides", HelpName = "2|3", DefaultValueFactory = _ => 2 };
        var command = new Command("probe", "Write one WAV file for each speaker, to be started together, and probe.json") { speakers, folder, probes };
        command.SetAction(parsed => ProbeFiles.Write(
            parsed.GetValue(speakers), parsed.GetValue(probes), parsed.GetRequiredValue(folder), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static Command Analyse()
    {
        var recording = new Argument<string>("RECORDING") { Description = "A WAV file of what a microphone heard: 32 to 192 kHz, 16, 24 or 32 bit or float, any channels" };
        var probe = new Option<string>("--probe") { Description = "The folder that calibrate probe wrote", HelpName = "DIR", Required = true };
        var second = new Option<string?>("--second-place") { Description = "A recording of the same files from another place (with --moved): only what both places agree on is accepted", HelpName = "RECORDING" };
        var moved = new Option<double?>("--moved") { Description = "How far the second place is from the first, in metres", HelpName = "METRES", CustomParser = Metres };
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout" };
        var command = new Command("analyse", "Say by how much each speaker must be delayed, from a recording of the probes") { recording, probe, second, moved, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(second) is null != result.GetResult(moved) is null)
                result.AddError("--second-place RECORDING and --moved METRES belong together: give both, or neither.");
        });
        command.Aliases.Add("analyze");
        command.SetAction((parsed, cancellationToken) => Task.Run(() => AnalyseRecording.Run(
            new AnalyseRecording.Request(parsed.GetRequiredValue(probe), parsed.GetRequiredValue(recording), parsed.GetValue(second), parsed.GetValue(moved) ?? 0, parsed.GetValue(json)),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken), cancellationToken));
        return command;
    }

    private static double? Metres(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var metres) && metres is >= 0 and <= SecondPlace.FurthestMetres) return metres;
        result.AddError($"--moved {result.Tokens[0].Value}: give the distance between the two places in metres, 0 to {SecondPlace.FurthestMetres}.");
        return null;
    }
}
