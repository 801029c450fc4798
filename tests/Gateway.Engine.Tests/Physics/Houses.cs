using FsCheck;
using Microsoft.FSharp.Core;

namespace Gateway.Engine.Tests.Physics;

internal static class Houses
{
    private const int Few = 2500;

    /// <summary>
    /// How a property is asked: of the same few houses each time, so that a red run means the change under test; with
    /// <c>TUTTI_HOUSES=300000</c> of that many others, to look for what nobody has thought of.
    /// </summary>
    public static Config Asked { get; } = int.TryParse(Environment.GetEnvironmentVariable("TUTTI_HOUSES"), out var count)
        ? Config.QuickThrowOnFailure.WithMaxTest(count)
        : Config.QuickThrowOnFailure.WithMaxTest(Few).WithReplay(new Replay(new Rnd(20_251_125, 1), FSharpOption<int>.None));
}
