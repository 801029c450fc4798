using System.Globalization;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Native.Pulse;
using Gateway.Playback;
using Gateway.PulseAudio;
using Gateway.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// The process that plays for us: the whole playback engine, with pipes or a sound server's sinks for speakers. Ends when its standard input does; on that it takes
/// <c>starve N</c> and <c>feed N</c>. Its last words are what the engine itself says of the speakers' clocks.
/// </summary>
internal static class OwnPlayer
{
    public const string Name = "sync-player";
    private const string Group = "bench";

    /// <summary>Before the server's address, in place of pipes.</summary>
    public const string PulseServer = "--pulse=";

    /// <param name="args">The data directory, then <c>path:frames</c> for each pipe; or the sound server and its sinks' names.</param>
    public static int Run(string[] args)
    {
        using var session = args[1].StartsWith(PulseServer, StringComparison.Ordinal) ? PulseSession.Open(args[1][PulseServer.Length..], TimeSpan.FromSeconds(5), () => { }) : null;
        var port = session is null ? (IOutputProvider)FifoPort.Of(args[1..]) : new PulsePort(session);
        var outputs = session is null ? args[1..].Select(a => a[..a.LastIndexOf(':')]) : args[2..];
        List<PlaybackMember> members = [.. outputs.Select((name, i) => new PlaybackMember($"s{i}", $"Speaker {i + 1}", new OutputRef(port.Scheme, name, name), 0))];

        using var store = Store.Open(args[0], TimeProvider.System);
        using var loggers = new StandardErrorLoggers();
        using var engine = new PlaybackEngine(new PlaybackOptions(), new SoundProviders([port], [new FileSources(_ => throw new NotSupportedException(), TimeProvider.System)], new NoMicrophone()), store, TimeProvider.System, loggers.CreateLogger<PlaybackEngine>());
        PlaybackReport? last = null;
        engine.Measured += report => Volatile.Write(ref last, report);
        engine.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        engine.Play(new PlaybackRequest(Group, "Bench", new SourceRef(SourceKind.Pipe, "test-signal"), null, Muted: false, members, []));
        Obey(port is FifoPort pipes ? [.. pipes.Outputs.Values] : []);
        Console.WriteLine(LastWords(Volatile.Read(ref last), members));
        engine.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        return 0;
    }

    private static void Obey(FifoOutput[] outputs)
    {
        while (Console.ReadLine() is { } line)
        {
            if (line.Split(' ') is ["starve" or "feed", var index]) outputs[int.Parse(index, CultureInfo.InvariantCulture)].IsStarved = line[0] == 's';
        }
    }

    private static string LastWords(PlaybackReport? report, List<PlaybackMember> members) => report is null ? "no figures" : string.Create(
        CultureInfo.InvariantCulture,
        $"class {report.Groups[Group].Sync.Class?.ToString().ToLowerInvariant() ?? "null"}, clocks {string.Join(", ", members.Select(m => string.Create(CultureInfo.InvariantCulture, $"{report.Speakers[m.Speaker].Sync.DriftPpm:+0.0;-0.0;0.0}")))} ppm");

    private sealed class FifoPort : IOutputProvider
    {
        public Dictionary<string, FifoOutput> Outputs { get; } = new(StringComparer.Ordinal);

        public static FifoPort Of(string[] pipes)
        {
            var port = new FifoPort();
            foreach (var pipe in pipes)
            {
                var (path, frames) = (pipe[..pipe.LastIndexOf(':')], pipe[(pipe.LastIndexOf(':') + 1)..]);
                port.Outputs.Add(path, new FifoOutput(Fifo.Open(path), int.Parse(frames, CultureInfo.InvariantCulture)));
            }

            return port;
        }

        public string Scheme => "pipe";
        public OutputsSnapshot Current { get; } = new(new Dictionary<string, OutputRef>());

        public IAudioOutput Open(OutputRef output) => Outputs[output.Key];
    }

    private sealed class PulsePort(PulseSession session) : IOutputProvider
    {
        private readonly IReadOnlyList<PulseSink> _sinks = session.ReadSinks();

        public string Scheme => "pulse";
        public OutputsSnapshot Current => OutputsSnapshot.None;

        public IAudioOutput Open(OutputRef output)
        {
            var sink = _sinks.Single(s => s.Name == output.Key);
            return new PulseOutput(session.Play(sink.Name, "Bench", PulseOutput.RateOf(sink)), sink);
        }
    }

    private sealed class NoMicrophone : IMicrophone
    {
        public IAudioInput Open(string source) => throw new PortException(PortError.PartMissing, "There is no microphone here.");
    }

    /// <summary>What the engine finds worth a warning belongs into the run's log.</summary>
    private sealed class StandardErrorLoggers : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Console.Error.WriteLine($"{formatter(state, exception)} {exception}");
        }
    }
}
