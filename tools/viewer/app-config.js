// The viewer's settings, one file for both places: /viewer/ with all that the reader may see, and
// /share/ID/viewer/ with what one share link opens. Both have their DICOMweb beside them.
(function () {
  const place = /^(.*?)((?:\/share\/[^/]+)?)\/viewer(?:\/|$)/.exec(window.location.pathname);
  const prefix = place ? place[1] : '';
  const share = place ? place[2] : '';
  const root = window.location.origin + prefix + share + '/dicom-web';

  window.config = {
    name: 'pacs-lite',
    routerBasename: prefix + share + '/viewer',
    extensions: [],
    modes: [],
    // The first tour covers the page, and a share link is opened by people who come once.
    customizationService: [{ 'ohif.tours': { $set: [] } }],
    showStudyList: share === '',
    showErrorDetails: 'dev',
    showLoadingIndicator: true,
    showCPUFallbackMessage: true,
    showWarningMessageForCrossOrigin: true,
    strictZSpacingForVolumeViewport: true,
    groupEnabledModesFirst: true,
    maxNumberOfWebWorkers: 3,
    maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 25 },
    investigationalUseDialog: { option: 'never' },
    defaultDataSourceName: 'archive',
    dataSources: [
      {
        namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
        sourceName: 'archive',
        configuration: {
          friendlyName: 'pacs-lite',
          name: 'archive',
          qidoRoot: root,
          wadoRoot: root,
          wadoUriRoot: root + '/wado',
          qidoSupportsIncludeField: true,
          supportsReject: false,
          supportsFuzzyMatching: true,
          supportsWildcard: true,
          imageRendering: 'wadors',
          thumbnailRendering: 'thumbnail',
          thumbnailRequestStrategy: 'fetch',
          enableStudyLazyLoad: true,
          dicomUploadEnabled: false,
          singlepart: 'bulkdata,video,pdf',
          bulkDataURI: { enabled: true, relativeResolution: 'studies' },
          omitQuotationForMultipartRequest: true,
        },
      },
    ],
    httpErrorHandler: function (error) {
      // The session or the link is over, and the page says so when it is loaded again; once a minute
      // at most, should the page itself see it otherwise.
      if (!error || error.status !== 401) return;
      const last = Number(window.sessionStorage.getItem('pacs-lite.reloaded') || 0);
      if (Date.now() - last < 60000) return;
      window.sessionStorage.setItem('pacs-lite.reloaded', String(Date.now()));
      window.location.reload();
    },
  };
})();
