using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>A cloud that says yes has done nothing yet: <c>done</c> is what is seen.</summary>
public sealed class EffectTests
{
    [Theory]
    [InlineData("echo/kitchen/volume", "77")]
    [InlineData("echo/office/audio_output", "line_out")]
    [InlineData("echo/kitchen/bluetooth", "JBL Flip 6 A")]
    public async Task What_is_taken_and_not_done_has_failed(string target, string value)
    {
        await using var home = await SimulatedHome.StartAsync(echo: cloud => new YesCloud(cloud, isReporting: true));

        var end = await home.AskAsync(target, value);

        Assert.Equal(CommandResult.Failed, end.Result);
        Assert.Contains("nothing shows that it was done", end.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo/kitchen/volume", "77")]
    [InlineData("echo/office/audio_output", "line_out")]
    [InlineData("echo/kitchen/bluetooth", "Disconnected")]
    public async Task What_nobody_reports_back_is_said(string target, string value)
    {
        await using var home = await SimulatedHome.StartAsync(echo: cloud => new YesCloud(cloud, isReporting: false));

        var end = await home.AskAsync(target, value);

        Assert.Equal(CommandResult.Done, end.Result);
        Assert.Contains("not reported back", end.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_seen_is_done_without_a_word()
    {
        await using var home = await SimulatedHome.StartAsync();

        var end = await home.AskAsync("echo/kitchen/volume", "77");

        Assert.Equal((CommandResult.Done, null), (end.Result, end.Reason));
        Assert.Equal(77, home.Echo("kitchen").Volume);
    }

    [Fact]
    public async Task A_later_command_ends_the_wait_of_the_earlier()
    {
        await using var home = await SimulatedHome.StartAsync(echo: cloud => new YesCloud(cloud, isReporting: true));

        var first = home.Send("echo/kitchen/volume", "77");
        var second = await home.AskAsync("echo/kitchen/volume", "78");

        Assert.Equal(CommandResult.Superseded, (await home.EndOfAsync(first)).Result);
        Assert.Equal(CommandResult.Failed, second.Result);
    }

    [Theory]
    [MemberData(nameof(WallSteps.All), MemberType = typeof(WallSteps))]
    public async Task The_wait_for_an_effect_ends_whatever_the_wall_says(string step)
    {
        await using var home = await SimulatedHome.StartAsync(echo: cloud => new YesCloud(cloud, isReporting: true));
        var command = home.Send("echo/kitchen/volume", "77");
        await home.UntilAsync("it to be accepted", _ => home.AnswersTo(command).Count > 0);
        home.SetWallClock(WallSteps.Of(step, home.WallClock));

        Answer? end = null;
        var waited = await home.TimeAsync(async () => end = await home.EndOfAsync(command));

        Assert.Equal(CommandResult.Failed, end!.Result);
        Assert.True(waited < TimeSpan.FromSeconds(30), $"{waited}");
    }

    /// <summary>Takes every command and does none; shows the house, or nothing that could be held against a command.</summary>
    private sealed class YesCloud(IEchoControl cloud, bool isReporting) : IEchoControl
    {
        public EchoSnapshot Current => cloud.Current with { Echoes = [.. cloud.Current.Echoes.Select(Shown)] };

        public event Action<EchoSnapshot>? Changed
        {
            add => cloud.Changed += value;
            remove => cloud.Changed -= value;
        }

        public Task ConnectAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DisconnectAsync(string serial, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task ForgetAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken) => Task.FromResult("1");

        public Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;

        private EchoDevice Shown(EchoDevice echo) => isReporting ? echo : echo with { VolumePercent = null, AudioOutput = null, Link = default };
    }
}
